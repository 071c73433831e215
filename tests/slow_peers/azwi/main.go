// Command azwi-jwks is `azwi jwks` alone: the other commands of azwi need an SDK whose build takes minutes.
package main

import (
	"os"

	"github.com/Azure/azure-workload-identity/pkg/cmd/jwks"
)

func main() {
	if err := jwks.NewJWKSCmd().Execute(); err != nil {
		os.Exit(1)
	}
}
