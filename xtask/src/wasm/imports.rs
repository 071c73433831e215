//! What a wasm module asks of its host.

use std::collections::BTreeSet;

/// Names of the imports (module and name), without the hash that wasm-bindgen appends.
pub(super) fn imports(module: &[u8]) -> Option<BTreeSet<String>> {
    let mut reader = Reader(module.get(8..)?);
    while !reader.0.is_empty() {
        let section = reader.byte()?;
        let length = reader.number()?;
        let mut body = Reader(reader.take(length)?);
        if section != 2 {
            continue;
        }
        let mut found = BTreeSet::new();
        for _ in 0..body.number()? {
            let (from, name) = (body.name()?, body.name()?);
            // Kind and type index; a module of ours imports functions only.
            if body.byte()? != 0 {
                return None;
            }
            body.number()?;
            found.insert(format!("{from} {}", without_hash(&name)));
        }
        return Some(found);
    }
    Some(BTreeSet::new())
}

fn without_hash(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((stem, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            stem
        }
        _ => name,
    }
}

/// Reads the binary format (WebAssembly core specification, section 5).
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

    fn name(&mut self) -> Option<String> {
        let length = self.number()?;
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_read_without_their_hashes() {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend([2, 0]);
        let start = module.len();
        module.extend([1, 5]);
        module.extend(b"./bg.");
        module.push(22);
        module.extend(b"throw_0123456789abcdef");
        module.extend([0, 0]);
        module[start - 1] = u8::try_from(module.len() - start).expect("a short section");
        assert_eq!(imports(&module), Some(BTreeSet::from(["./bg. throw".to_owned()])));
        assert_eq!(imports(&module[..module.len() - 1]), None);
    }
}
