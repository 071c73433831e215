//! Claims as Python objects, made straight from the payload.
//!
//! The core has read the text before, under stricter rules than these: here it is only walked. Integers of many
//! digits and strings with escapes are left to `json.loads`, one at a time.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PyModule, PyString};
use pyo3::{exceptions::PyValueError, intern};

/// Integers of so many characters fit 64 bits.
const SHORT: usize = 18;

/// The dictionary of a text that is one JSON object.
pub(crate) fn dictionary<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyDict>> {
    let mut walk = Walk { py, text, at: 0 };
    walk.space();
    walk.object()
}

struct Walk<'py, 't> {
    py: Python<'py>,
    text: &'t str,
    at: usize,
}

impl<'py, 't> Walk<'py, 't> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The text from `start` to here.
    fn since(&self, start: usize) -> PyResult<&'t str> {
        self.text.get(start..self.at).ok_or_else(unreadable)
    }

    fn value(&mut self) -> PyResult<Bound<'py, PyAny>> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => Ok(self.object()?.into_any()),
            Some(b'[') => self.list(),
            Some(b't') => self.word(4, PyBool::new(self.py, true).to_owned().into_any()),
            Some(b'f') => self.word(5, PyBool::new(self.py, false).to_owned().into_any()),
            Some(b'n') => self.word(4, self.py.None().into_bound(self.py)),
            Some(_) => self.number(),
            None => Err(unreadable()),
        }
    }

    fn word(&mut self, length: usize, value: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.at += length;
        Ok(value)
    }

    fn string(&mut self) -> PyResult<Bound<'py, PyAny>> {
        let start = self.at;
        self.at += 1;
        let mut escaped = false;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.at += 2;
                }
                Some(_) => self.at += 1,
                None => return Err(unreadable()),
            }
        }
        self.at += 1;
        if escaped {
            return loads(self.py, self.since(start)?);
        }
        let inside = self.text.get(start + 1..self.at - 1).ok_or_else(unreadable)?;
        Ok(PyString::new(self.py, inside).into_any())
    }

    fn number(&mut self) -> PyResult<Bound<'py, PyAny>> {
        let start = self.at;
        let mut plain = true;
        while let Some(byte @ (b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) = self.peek() {
            plain &= byte == b'-' || byte.is_ascii_digit();
            self.at += 1;
        }
        let digits = self.since(start)?;
        if plain && digits.len() > SHORT {
            return loads(self.py, digits);
        }
        if plain {
            let value: i64 = digits.parse().map_err(|_| unreadable())?;
            return Ok(value.into_pyobject(self.py)?.into_any());
        }
        let value: f64 = digits.parse().map_err(|_| unreadable())?;
        Ok(value.into_pyobject(self.py)?.into_any())
    }

    /// Whether another item or member follows; otherwise the end has been passed.
    fn more(&mut self, end: u8) -> PyResult<bool> {
        self.space();
        let next = self.peek();
        self.at += 1;
        match next {
            Some(b',') => {
                self.space();
                Ok(true)
            }
            Some(byte) if byte == end => Ok(false),
            _ => Err(unreadable()),
        }
    }

    /// Passes the opening bracket; whether anything is inside.
    fn opened(&mut self, end: u8) -> bool {
        self.at += 1;
        self.space();
        let empty = self.peek() == Some(end);
        self.at += usize::from(empty);
        !empty
    }

    fn list(&mut self) -> PyResult<Bound<'py, PyAny>> {
        let items = PyList::empty(self.py);
        let mut more = self.opened(b']');
        while more {
            items.append(self.value()?)?;
            more = self.more(b']')?;
        }
        Ok(items.into_any())
    }

    fn object(&mut self) -> PyResult<Bound<'py, PyDict>> {
        let members = PyDict::new(self.py);
        let mut more = self.opened(b'}');
        while more {
            let name = self.string()?;
            self.space();
            self.at += 1;
            self.space();
            members.set_item(name, self.value()?)?;
            more = self.more(b'}')?;
        }
        Ok(members)
    }
}

fn loads<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    PyModule::import(py, intern!(py, "json"))?.call_method1(intern!(py, "loads"), (text,))
}

fn unreadable() -> PyErr {
    PyValueError::new_err(crate::guard::defect())
}
