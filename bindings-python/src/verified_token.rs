//! The class `VerifiedToken`: the result of a verification.

use crate::claims::{Lookup, dictionary, look_up};
use pyo3::exceptions::PyKeyError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple};
use std::sync::Arc;
use workload_identity_core::jose::base64url_encode;
use workload_identity_core::verify;

/// The claims of a verified token: a mapping of all claims, with the common ones and the evidence as attributes.
///
/// Only a verification makes it. Python objects are made when they are first asked for; no two `VerifiedToken` share a
/// mutable value.
#[pyclass(frozen, mapping, module = "workload_identity._native")]
pub(crate) struct VerifiedToken {
    verified: Arc<verify::VerifiedToken>,
    /// The mapping; made by the first use that needs more than single scalar claims.
    mapping: PyOnceLock<Py<PyDict>>,
}

impl VerifiedToken {
    pub(crate) fn new(verified: Arc<verify::VerifiedToken>) -> Self {
        Self { verified, mapping: PyOnceLock::new() }
    }

    fn mapping<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyDict>> {
        self.mapping
            .get_or_try_init(py, || self.claims(py).map(Bound::unbind))
            .map(|mapping| mapping.bind(py))
    }

    /// The value of a claim; `None` if the token has no such claim.
    fn claim<'py>(
        &self,
        py: Python<'py>,
        name: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        if let (None, Ok(name)) = (self.mapping.get(py), name.cast::<PyString>()) {
            // A name with a lone surrogate cannot be a claim of a token.
            let Ok(name) = name.to_str() else { return Ok(None) };
            match look_up(py, self.verified.payload().as_bytes(), name)? {
                Lookup::Scalar(value) => return Ok(Some(value)),
                Lookup::Absent => return Ok(None),
                Lookup::Container => {}
            }
        }
        self.mapping(py)?.get_item(name)
    }
}

#[pymethods]
impl VerifiedToken {
    /// `iss`; `None` if the token has none, which only SPIFFE allows.
    #[getter]
    fn issuer(&self) -> Option<&str> {
        self.verified.issuer()
    }

    /// `sub`
    #[getter]
    fn subject(&self) -> Option<&str> {
        self.verified.registered().subject.as_deref()
    }

    /// `aud` as a tuple, also if it is a single string.
    #[getter]
    fn audience<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.verified.registered().audience)
    }

    /// `exp`, unix seconds.
    #[getter]
    fn expires_on(&self) -> Option<i64> {
        self.verified.registered().expires.map(|instant| instant.millis().div_euclid(1000))
    }

    /// Algorithm of the signature.
    #[getter]
    fn algorithm(&self) -> &'static str {
        self.verified.algorithm().name()
    }

    /// `kid` of the key that verified it.
    #[getter]
    fn key_id(&self) -> Option<&str> {
        self.verified.key_id()
    }

    /// Thumbprint of that key (RFC 7638), base64url.
    #[getter]
    fn key_thumbprint(&self) -> String {
        base64url_encode(self.verified.key_thumbprint())
    }

    /// Age of the key set in seconds; `None` if the keys were configured.
    #[getter]
    fn key_set_age(&self) -> Option<i64> {
        self.verified.key_set_age().map(|age| age / 1000)
    }

    /// Name of the profile that accepted the token.
    #[getter]
    fn profile(&self) -> &'static str {
        self.verified.profile().name
    }

    /// `alg`, `typ` and `kid` of the protected header, a new dictionary each time.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let header = self.verified.header();
        let members = PyDict::new(py);
        members.set_item(intern!(py, "alg"), &header.algorithm_name)?;
        if let Some(typ) = &header.typ {
            members.set_item(intern!(py, "typ"), typ)?;
        }
        if let Some(kid) = &header.kid {
            members.set_item(intern!(py, "kid"), kid)?;
        }
        Ok(members)
    }

    /// All claims, a new dictionary each time.
    #[getter]
    fn claims<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dictionary(py, self.verified.payload().as_bytes())
    }

    /// The roles of the claim `roles`; empty if it is neither a list nor a string.
    #[getter]
    fn roles<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.verified.roles())
    }

    /// The scopes of the claims `scp` and `scope`.
    #[getter]
    fn scopes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.verified.scopes())
    }

    /// Whether an application, not a user, holds this token of an Entra tenant: `idtyp` is `app`, or the token has no
    /// `idtyp`, no scopes, and `sub` equals `oid`.
    #[getter]
    fn is_app(&self) -> bool {
        self.verified.is_app()
    }

    /// Whether the token has exactly this role.
    #[pyo3(signature = (role, /))]
    fn has_role(&self, role: &str) -> bool {
        self.verified.roles().iter().any(|own| own == role)
    }

    /// Whether the token has exactly this scope.
    #[pyo3(signature = (scope, /))]
    fn has_scope(&self, scope: &str) -> bool {
        self.verified.scopes().iter().any(|own| own == scope)
    }

    fn __getitem__<'py>(
        &self,
        py: Python<'py>,
        name: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.claim(py, name)?.ok_or_else(|| PyKeyError::new_err(name.clone().unbind()))
    }

    #[pyo3(signature = (name, default = None, /))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        name: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(self.claim(py, name)?.or(default))
    }

    fn __contains__(&self, py: Python<'_>, name: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.mapping(py)?.contains(name)
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.mapping(py)?.len())
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.mapping(py)?.as_any().try_iter()?.into_any())
    }

    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.mapping(py)?.call_method0("keys")
    }

    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.mapping(py)?.call_method0("values")
    }

    fn items<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.mapping(py)?.call_method0("items")
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let own = self.mapping(py)?;
        match other.cast::<Self>() {
            Ok(other) => own.eq(other.get().mapping(py)?),
            Err(_) => own.eq(other),
        }
    }

    /// Names issuer, subject and key. Other claims are left out: they may be personal data.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let quoted = |text: Option<&str>| -> PyResult<String> {
            text.into_pyobject(py)?.repr().map(|repr| repr.to_string())
        };
        Ok(format!(
            "<VerifiedToken issuer={} subject={} algorithm={} key_id={}>",
            quoted(self.issuer())?,
            quoted(self.subject())?,
            self.algorithm(),
            quoted(self.key_id())?,
        ))
    }
}
