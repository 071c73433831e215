module slow-peers.invalid/spire-agent

go 1.26.6

require github.com/spiffe/spire v1.15.3
