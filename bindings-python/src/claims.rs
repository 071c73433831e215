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

/// What a look for one member finds.
pub(crate) enum Found<'py> {
    /// A value that nobody can change.
    Value(Bound<'py, PyAny>),
    /// There is no such member.
    Nothing,
    /// A list or an object, of which all who look must see the same one; or a name that is spelled with escapes.
    Elsewhere,
}

/// A member of a text that is one JSON object, without making the others.
pub(crate) fn member<'py>(py: Python<'py>, text: &str, name: &str) -> PyResult<Found<'py>> {
    let mut walk = Walk { py, text, at: 0 };
    walk.space();
    let mut more = walk.opened(b'}');
    while more {
        let start = walk.at;
        if walk.pass_string()? {
            return Ok(Found::Elsewhere);
        }
        let found = walk.text.get(start + 1..walk.at - 1) == Some(name);
        walk.space();
        walk.at += 1;
        walk.space();
        match (found, walk.peek()) {
            (true, Some(b'{' | b'[')) => return Ok(Found::Elsewhere),
            (true, _) => return walk.value().map(Found::Value),
            (false, _) => walk.pass()?,
        }
        more = walk.more(b'}')?;
    }
    Ok(Found::Nothing)
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
        if self.pass_string()? {
            return loads(self.py, self.since(start)?);
        }
        let inside = self.text.get(start + 1..self.at - 1).ok_or_else(unreadable)?;
        Ok(PyString::new(self.py, inside).into_any())
    }

    /// Passes a string; whether it has escapes.
    fn pass_string(&mut self) -> PyResult<bool> {
        self.at += 1;
        let mut escaped = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            match rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
                Some(length) if rest.get(length) == Some(&b'"') => {
                    self.at += length + 1;
                    return Ok(escaped);
                }
                Some(length) => {
                    escaped = true;
                    self.at += length + 2;
                }
                None => return Err(unreadable()),
            }
        }
    }

    /// Passes a value.
    fn pass(&mut self) -> PyResult<()> {
        let mut depth = 0usize;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.pass_string()?;
                }
                Some(b'{' | b'[') => {
                    depth += 1;
                    self.at += 1;
                }
                Some(b'}' | b']') => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                Some(_) => self.at += 1,
                None => return Err(unreadable()),
            }
            if depth == 0 && matches!(self.peek(), Some(b',' | b'}' | b' ' | b'\t' | b'\n' | b'\r'))
            {
                return Ok(());
            }
        }
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
