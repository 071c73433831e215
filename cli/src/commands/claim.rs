//! `--claim NAME=JSON` on the command line.

use serde_json::Value;
use workload_identity_core::json::strict;

/// Reads a claim and its value.
pub(super) fn parse(text: &str) -> Result<(String, Value), String> {
    let form = "expected NAME=JSON, such as 'groups=[\"operators\"]' or 'tid=null'";
    let (name, value) =
        text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(|| form.to_owned())?;
    let value = strict::parse(value.as_bytes())
        .map_err(|fault| format!("the value is {fault}; {form}, and quotes around text"))?;
    Ok((name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_json() {
        assert_eq!(parse("a=[1,\"=\"]"), Ok(("a".to_owned(), json!([1, "="]))));
        assert_eq!(parse("a=null"), Ok(("a".to_owned(), Value::Null)));
        for text in ["", "a", "=1", "a=", "a=text", "a={\"b\":1,\"b\":2}"] {
            assert!(parse(text).is_err_and(|message| message.contains("NAME=JSON")), "{text}");
        }
    }
}
