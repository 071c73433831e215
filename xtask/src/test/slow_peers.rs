//! Programs that are built from their source, each in a Go module of `tests/slow_peers`, and the tests that meet them.

use super::with_products;
use crate::job::{Failure, Jobs};
use crate::shell::Shell;
use crate::{node, pack, project, python};
use std::path::PathBuf;

const SOURCE: &str = "tests/slow_peers";

/// A program.
struct Peer {
    /// The folder of its module, below [`SOURCE`].
    module: &'static str,
    /// The package to build, as the module names it.
    package: &'static str,
    /// The name of the program.
    program: &'static str,
}

const PEERS: [Peer; 6] = [
    Peer { module: "azwi", package: ".", program: "azwi-jwks" },
    Peer {
        module: "spire_agent",
        package: "github.com/spiffe/spire/cmd/spire-agent",
        program: "spire-agent",
    },
    Peer {
        module: "spire_agent",
        package: "github.com/spiffe/spire/support/oidc-discovery-provider",
        program: "oidc-discovery-provider",
    },
    Peer {
        module: "spire_server",
        package: "github.com/spiffe/spire/cmd/spire-server",
        program: "spire-server",
    },
    Peer { module: "kubernetes", package: "go.etcd.io/etcd/server/v3", program: "etcd" },
    Peer {
        module: "kubernetes",
        package: "k8s.io/kubernetes/cmd/kube-apiserver",
        program: "kube-apiserver",
    },
];

pub(super) fn run(jobs: &mut Jobs) -> Result<(), Failure> {
    let programs = programs()?;
    for peer in &PEERS {
        jobs.run(&format!("build {}", peer.program), || {
            // The modules of Go's proxy and what it has built stay in the caches of Go.
            Shell::new("go")
                .args(["build", "-mod=readonly", "-buildvcs=false", "-o"])
                .args([programs.join(peer.program)])
                .args([peer.package])
                .dir(project::path(SOURCE).join(peer.module))
                .run()
        })?;
    }
    jobs.run("test slow peers", || {
        let interpreters = python::interpreters()?;
        let newest = interpreters.last().ok_or_else(|| Failure::new("no CPython"))?;
        let requirements = project::path("tests/peers/requirements.txt");
        let environment = python::Environment::with("peers", &newest.program, &requirements)?;
        environment.wheel(&pack::wheel()?)?;
        environment.pip(&["spiffe==0.3.2".as_ref()])?;
        with_products(Shell::new(environment.program("python")))
            .args(["-m", "pytest", "-q", SOURCE])
            .env("WIF_SLOW_PEERS", &programs)
            .path_first(&node::tools()?.folder())
            .run()
    })
}

/// The folder of the built programs.
fn programs() -> Result<PathBuf, Failure> {
    let folder = project::target().join("slow-peers").join("bin");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
