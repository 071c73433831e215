//! The class `VerifiedToken`: what a verification yields, and nothing else makes.

use crate::claims::{Found, dictionary, member};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use workload_identity_core::jose::base64url_encode;
use workload_identity_core::json::RawMembers;
use workload_identity_core::verify::VerifiedClaims;

/// After so many single claims, all of them are made.
const FEW: u8 = 4;

/// The claims of a token that was verified: a mapping of all of them, the common ones and the evidence as attributes.
///
/// Each verification makes an object of its own, with values of its own.
#[pyclass(frozen, mapping, module = "workload_identity._native")]
pub(crate) struct VerifiedToken {
    verified: Arc<VerifiedClaims>,
    /// How often a single claim was looked up in the payload.
    looks: AtomicU8,
    /// The mapping, made when it is worth its price.
    members: PyOnceLock<Py<PyDict>>,
}

impl VerifiedToken {
    pub(crate) fn new(verified: Arc<VerifiedClaims>) -> Self {
        Self { verified, looks: AtomicU8::new(0), members: PyOnceLock::new() }
    }

    /// One claim, if it can be had without making the mapping.
    fn look<'py>(&self, py: Python<'py>, name: &Bound<'py, PyAny>) -> PyResult<Found<'py>> {
        if self.members.get(py).is_some() || self.looks.fetch_add(1, Ordering::Relaxed) >= FEW {
            return Ok(Found::Elsewhere);
        }
        match name.cast::<PyString>().map(|name| name.to_str()) {
            Ok(Ok(name)) => member(py, self.verified.payload(), name),
            _ => Ok(Found::Elsewhere),
        }
    }

    fn members<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyDict>> {
        self.members
            .get_or_try_init(py, || dictionary(py, self.verified.payload()).map(Bound::unbind))
            .map(|members| members.bind(py))
    }
}

#[pymethods]
impl VerifiedToken {
    /// `iss`; SPIFFE's tokens may have none.
    #[getter]
    fn issuer(&self) -> Option<&str> {
        self.verified.issuer()
    }

    /// `sub`
    #[getter]
    fn subject(&self) -> Option<&str> {
        self.verified.registered().subject.as_deref()
    }

    /// `aud`, also a single one.
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

    /// How old the key set was in seconds; `None` for keys given directly.
    #[getter]
    fn key_set_age(&self) -> Option<i64> {
        self.verified.key_set_age().map(|age| age / 1000)
    }

    /// Name of the profile whose rules the token satisfied.
    #[getter]
    fn profile(&self) -> &'static str {
        self.verified.profile().name
    }

    /// `alg`, `typ` and `kid` of the protected header, a new dictionary each time.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let text = self.verified.to_json();
        let value = RawMembers::read_text(&text).unwrap_or_default();
        dictionary(py, value.raw("header").unwrap_or("{}"))
    }

    /// All claims, a new dictionary each time.
    #[getter]
    fn claims<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dictionary(py, self.verified.payload())
    }

    fn __getitem__<'py>(
        &self,
        py: Python<'py>,
        name: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        match self.look(py, name)? {
            Found::Value(value) => Ok(value),
            Found::Nothing => Err(PyKeyError::new_err(name.clone().unbind())),
            Found::Elsewhere => self.members(py)?.as_any().get_item(name),
        }
    }

    #[pyo3(signature = (name, default = None, /))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        name: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(match self.look(py, name)? {
            Found::Value(value) => Some(value),
            Found::Nothing => default,
            Found::Elsewhere => self.members(py)?.get_item(name)?.or(default),
        })
    }

    fn __contains__(&self, py: Python<'_>, name: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.members(py)?.contains(name)
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.members(py)?.len())
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.members(py)?.as_any().try_iter()?.into_any())
    }

    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.members(py)?.call_method0("keys")
    }

    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.members(py)?.call_method0("values")
    }

    fn items<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.members(py)?.call_method0("items")
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let own = self.members(py)?;
        match other.cast::<Self>() {
            Ok(other) => own.eq(other.get().members(py)?),
            Err(_) => own.eq(other),
        }
    }

    /// Claims can be personal data; identifiers and key suffice for a log.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let show = |text: Option<&str>| -> PyResult<String> {
            text.into_pyobject(py)?.repr().map(|shown| shown.to_string())
        };
        Ok(format!(
            "<VerifiedToken issuer={} subject={} algorithm={} key_id={}>",
            show(self.issuer())?,
            show(self.subject())?,
            self.algorithm(),
            show(self.key_id())?,
        ))
    }
}
