//! The sections of a wasm module (WebAssembly core specification, section 5).

/// How many things a module imports.
pub(super) fn imports(module: &[u8]) -> Option<usize> {
    match find(module, 2)? {
        Some(mut section) => section.number(),
        None => Some(0),
    }
}

/// A module whose functions are named by their size, so that the optimiser can put like beside like: brotli gains half a
/// percent.
pub(super) fn named_by_size(module: &[u8]) -> Option<Vec<u8>> {
    let mut code = find(module, 10)??;
    let functions = code.number()?;
    let mut names = number(functions);
    for index in 0..functions {
        let size = code.number()?;
        code.take(size)?;
        names.extend(number(index));
        names.extend(text(&format!("{size:08} {index:08}")));
    }
    let mut section = text("name");
    // The subsection of function names.
    section.push(1);
    section.extend(number(names.len()));
    section.extend(names);
    let mut named = module.to_vec();
    named.push(0);
    named.extend(number(section.len()));
    named.extend(section);
    Some(named)
}

/// The first section of a kind.
fn find(module: &[u8], kind: u8) -> Option<Option<Reader<'_>>> {
    let mut reader = Reader(module.get(8..)?);
    while !reader.0.is_empty() {
        let found = reader.byte()?;
        let length = reader.number()?;
        let body = Reader(reader.take(length)?);
        if found == kind {
            return Some(Some(body));
        }
    }
    Some(None)
}

fn text(text: &str) -> Vec<u8> {
    [number(text.len()), text.as_bytes().to_vec()].concat()
}

fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<usize> {
        let mut value = 0usize;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &[u8] = b"\0asm\x01\0\0\0\x0a\x08\x02\x03\0\0\x0b\x02\0\x0b";

    #[test]
    fn imports_are_counted() {
        assert_eq!(imports(MODULE), Some(0));
        let importing = [b"\0asm\x01\0\0\0\x02\x07\x01\x01a\x01b\0\0", &MODULE[8..]].concat();
        assert_eq!(imports(&importing), Some(1));
        assert_eq!(imports(&importing[..12]), None);
    }

    #[test]
    fn functions_are_named_by_size() {
        let named = named_by_size(MODULE).expect("a module with code");
        assert!(named.starts_with(MODULE));
        let names = String::from_utf8_lossy(&named[MODULE.len()..]).into_owned();
        assert!(names.contains("00000003 00000000") && names.contains("00000002 00000001"));
        assert_eq!(find(&named, 11).map(|found| found.is_none()), Some(true));
    }
}
