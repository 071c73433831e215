"""A kube-apiserver with its etcd on free loopback ports: no kubelet, no controllers."""

from __future__ import annotations

import json
import secrets
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from programs import REPOSITORY, peer

sys.path.insert(0, str(REPOSITORY / "tests" / "peers"))

from server import Server, answers, free_port  # noqa: E402

RBAC = "/apis/rbac.authorization.k8s.io/v1"
CORE = "/api/v1/namespaces/default"
GROUP = "rbac.authorization.k8s.io"
ACCOUNT = "system:serviceaccount:default:workload"


class Cluster:
    """`start` and `stop`. The service account `default/workload` may make tokens of itself; `default/powerless` may not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca_file = folder / "certificates" / "apiserver.crt"
        self.url = ""
        self._admin = secrets.token_hex(16)
        self._etcd = Server("etcd", folder / "etcd.log")
        self._server = Server("kube-apiserver", folder / "kube-apiserver.log")

    def start(self) -> None:
        client, peers, port = free_port(), free_port(), free_port()
        etcd, own = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peers}"
        self._etcd.start([
            peer("etcd"), "--data-dir", self.folder / "etcd", "--unsafe-no-fsync",
            "--listen-client-urls", etcd, "--advertise-client-urls", etcd,
            "--listen-peer-urls", own, "--initial-advertise-peer-urls", own, "--initial-cluster", f"default={own}",
        ])
        self._etcd.wait_until(lambda: answers(f"{etcd}/health"))
        key = self.folder / "service-accounts.key"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True, timeout=60)
        users = self.folder / "users.csv"
        users.write_text(f"{self._admin},admin,admin,system:masters\n")
        # Discovery is served for an https issuer only.
        self.url = f"https://127.0.0.1:{port}"
        self._server.start([
            peer("kube-apiserver"), f"--etcd-servers={etcd}", "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
            f"--secure-port={port}", "--endpoint-reconciler-type=none", f"--cert-dir={self.ca_file.parent}",
            "--service-cluster-ip-range=10.0.0.0/24", "--authorization-mode=RBAC", f"--token-auth-file={users}",
            f"--service-account-issuer={self.url}", f"--service-account-signing-key-file={key}",
            f"--service-account-key-file={key}", f"--api-audiences={self.url}",
        ])
        self._server.wait_until(self._is_ready)
        self._post(f"{RBAC}/clusterrolebindings", {
            "apiVersion": f"{GROUP}/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "discovery"},
            "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": "system:service-account-issuer-discovery"},
            "subjects": [{"apiGroup": GROUP, "kind": "Group", "name": "system:unauthenticated"}],
        })
        for name in ("workload", "powerless"):
            self._post(f"{CORE}/serviceaccounts", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}})
        self._post(f"{RBAC}/namespaces/default/roles", {
            "apiVersion": f"{GROUP}/v1", "kind": "Role", "metadata": {"name": "tokens"},
            "rules": [{"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]}],
        })
        self._post(f"{RBAC}/namespaces/default/rolebindings", {
            "apiVersion": f"{GROUP}/v1", "kind": "RoleBinding", "metadata": {"name": "tokens"},
            "roleRef": {"apiGroup": GROUP, "kind": "Role", "name": "tokens"},
            "subjects": [{"kind": "ServiceAccount", "name": "workload", "namespace": "default"}],
        })

    def token(self, account: str, audience: str) -> str:
        """Returns a token of a service account, made by the administrator."""
        spec = {"audiences": [audience], "expirationSeconds": 3600}
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        return str(self._post(f"{CORE}/serviceaccounts/{account}/token", body)["status"]["token"])

    def kubeconfig(self, account: str) -> Path:
        """Writes a kubeconfig file with the credential of a service account."""
        path = self.folder / f"kubeconfig-{account}"
        cluster = {"server": self.url, "certificate-authority": str(self.ca_file)}
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": account}}],
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": account, "user": {"token": self.token(account, self.url)}}],
        }))
        return path

    def keys(self) -> Any:
        """Returns the key set that the API server publishes."""
        return self._call("GET", "/openid/v1/jwks")

    def stop(self) -> None:
        self._server.stop()
        self._etcd.stop()

    def _is_ready(self) -> bool:
        if not self.ca_file.is_file():
            return False
        try:
            return bool(self._call("GET", CORE)["status"]["phase"] == "Active")
        except (OSError, urllib.error.URLError):
            return False

    def _post(self, path: str, body: Any) -> Any:
        return self._call("POST", path, body)

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._admin}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        context = ssl.create_default_context(cafile=self.ca_file)
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:
            return json.load(answer)
