//! Trust files: any octets. Nothing panics, every answer is strict JSON, and a file that is read is read again from its JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use workload_identity_core::json;
use workload_identity_core::manage::TrustFile;
use workload_identity_core::wire;

fuzz_target!(|file: &[u8]| {
    let answer = wire::trust_file(file);
    let text = answer.as_ref().unwrap_or_else(|error| error);
    let mut document = json::parse(text.as_bytes()).expect("an answer is strict JSON");
    // JSON may have control characters that YAML has as escapes only.
    let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if answer.is_ok() && is_plain {
        document["version"] = 1.into();
        let again = TrustFile::parse(document.to_string().as_bytes()).expect("JSON is YAML");
        assert_eq!(Ok(again), TrustFile::parse(file));
    }
});
