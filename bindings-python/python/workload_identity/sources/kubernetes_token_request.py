"""Kubernetes' TokenRequest API."""

from __future__ import annotations

import os

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class KubernetesTokenRequest(Source):
    """A token of a service account for the exchange audience, by Kubernetes' TokenRequest API.

    In a pod, the API server, its certificate authority and the credential are those of the pod. Elsewhere they are those of a
    kubeconfig file. The credential needs the verb `create` on `serviceaccounts/token`.

        KubernetesTokenRequest("workload", namespace="team", expiration_seconds=600)

    Args:
        service_account: Name of the service account; by default that of the credential itself.
        namespace: Its namespace; by default that of the pod, or of the kubeconfig's context.
        audience: Audience of the token; by default the cloud's exchange audience.
        expiration_seconds: Life of the token, at least 600. Kubernetes may shorten or lengthen it.
        bound_object: The object whose deletion ends the token, such as `{"kind": "Pod", "name": "app-0", "uid": "..."}`.
        kubeconfig: Path of a kubeconfig file with a token; by default `KUBECONFIG` of the environment, outside of a pod.
        context: Name of one of the file's contexts; by default the current one.
    """

    __slots__ = (
        "audience",
        "bound_object",
        "context",
        "expiration_seconds",
        "kubeconfig",
        "namespace",
        "service_account",
    )
    variables = ("KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "KUBECONFIG")

    def __init__(
        self,
        service_account: str | None = None,
        *,
        namespace: str | None = None,
        audience: str | None = None,
        expiration_seconds: int | None = None,
        bound_object: Mapping[str, str] | None = None,
        kubeconfig: str | os.PathLike[str] | None = None,
        context: str | None = None,
    ) -> None:
        self.service_account = service_account
        self.namespace = namespace
        self.audience = audience
        self.expiration_seconds = expiration_seconds
        self.bound_object = bound_object
        self.kubeconfig = None if kubeconfig is None else os.fspath(kubeconfig)
        self.context = context

    def describe(self) -> dict[str, Any]:
        return members(
            "kubernetes",
            service_account=self.service_account,
            namespace=self.namespace,
            audience=self.audience,
            expiration_seconds=self.expiration_seconds,
            bound_object=None if self.bound_object is None else dict(self.bound_object),
            kubeconfig=self.kubeconfig,
            context=self.context,
        )

    def __repr__(self) -> str:
        return f"KubernetesTokenRequest({self.service_account!r}, namespace={self.namespace!r})"
