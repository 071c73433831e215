module peers.invalid/azwi

go 1.26.4

require github.com/Azure/azure-workload-identity v1.6.0

require (
	github.com/pkg/errors v0.9.1 // indirect
	github.com/spf13/cobra v1.8.1 // indirect
	github.com/spf13/pflag v1.0.7 // indirect
	golang.org/x/crypto v0.51.0 // indirect
	gopkg.in/go-jose/go-jose.v2 v2.6.3 // indirect
	k8s.io/client-go v0.31.14 // indirect
	monis.app/mlog v0.0.4 // indirect
)

replace monis.app/mlog => ./mlog
