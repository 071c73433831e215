use super::*;

fn message(file: &str) -> String {
    let error = read_credentials(file.as_bytes()).unwrap_err();
    assert_eq!(error.code, Code::ConfigInvalid);
    error.message.clone()
}

#[test]
fn forms_of_microsofts_commands_are_read() {
    let wanted = Credential::exact("https://i", "s", "a").named("n");
    for file in [
        r#"[{"name":"n","issuer":"https://i","subject":"s","audience":"a"}]"#,
        r#" {"credentials":[{"name":"n","issuer":"https://i","subject":"s","audience":"a"}]}"#,
        r#"{"name":"n","issuer":"https://i","subject":"s","audiences":["a"]}"#,
        r#"{"@odata.context":"x","value":[{"id":"1","name":"n","issuer":"https://i","subject":"s","audiences":["a"],"description":null,"claimsMatchingExpression":null}]}"#,
        r#"[{"name":"n","issuer":"https://i","subject":"s","audiences":["a"],"type":"t","resourceGroup":"g","systemData":{"x":1}}]"#,
        r#"{"value":[{"id":"/subscriptions/x","name":"n","type":"t","properties":{"issuer":"https://i","subject":"s","audiences":["a"]}}],"nextLink":null}"#,
        r##"[{"@odata.type":"#t","@odata.id":"x","@odata.etag":"y","name":"n","issuer":"https://i","subject":"s","audiences":["a"]}]"##,
    ] {
        let read =
            read_credentials(file.as_bytes()).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(read, core::slice::from_ref(&wanted), "{file}");
    }
    let flexible = r#"[{"issuer":"https://i","subject":null,"claimsMatchingExpression":{"value":"claims['sub'] eq 's'","languageVersion":1}}]"#;
    let read = read_credentials(flexible.as_bytes()).unwrap();
    assert_eq!(read[0].expression(), Some("claims['sub'] eq 's'"));
    assert_eq!(read[0].audience, DEFAULT_AUDIENCE);
}

#[test]
fn what_is_wrong_is_named_with_line_and_column() {
    let good = r#"{"name":"n","issuer":"i","subject":"s"}"#;
    for (file, wanted) in [
        ("", "no list of credentials in JSON (line 1, column 0)"),
        ("[\n{]", "(line 2, column 2)"),
        ("[]x", "(line 1, column 3)"),
        ("[1]", "`[0]` is not an object (line 1, column 2)"),
        (
            "[\n  {\"issuer\":\"i\",\n   \"subjct\":\"s\"}]",
            "`[0].subjct` is not a member of the credential (line 3, column 11)",
        ),
        (
            "[{\"issuer\":\"i\",\n\"subject\":7}]",
            "`[0].subject` is not a string (line 2, column 11)",
        ),
        ("\n\n [{\"subject\":\"s\"}]", "`[0].issuer` is missing or empty (line 3, column 3)"),
        (r#"[{"issuer":"i"}]"#, "`[0].subject` or `[0].expression` is missing"),
        (r#"[{"issuer":"i","subject":"s","expression":"e"}]"#, "exclude each other"),
        (r#"[{"issuer":"i","subject":"s","audiences":["a","b"]}]"#, "more than one item"),
        (
            "[{\"issuer\":\"i\",\n \"issuer\":\"j\",\"subject\":\"s\"}]",
            "`[0].issuer` is given twice (line 2, column 9)",
        ),
        (
            r#"[{"issuer":"i","subject":"s","systemData":{"a":1,"a":2}}]"#,
            "the same member twice (line 1, column 2)",
        ),
        (
            "{\"value\":[],\n\"credentials\":[]}",
            "list of credentials is given twice (line 2, column 13)",
        ),
        ("[null]", "`[0]` is missing or empty (line 1, column 2)"),
        (
            "{\"credentials\":[],\n\"foo\":1}",
            "`foo` is not a member of the file of credentials (line 2, column 5)",
        ),
        ("[{\"sub-ject\":1}]", "`[0].sub-ject` is not a member of the credential"),
        (
            r#"[{"properties":{"issuer":"i"}}]"#,
            "`[0].properties.subject` or `[0].properties.expression` is missing",
        ),
        (
            r#"[{"issuer":"i","properties":{"issuer":"i","subject":"s"}}]"#,
            "`[0].properties` and `[0].issuer` exclude each other",
        ),
        (
            r#"[{"properties":{"issuer":"i","subjct":"s"}}]"#,
            "`[0].properties.subjct` is not a member of the credential (line 1, column 37)",
        ),
        (
            &format!("[{good},\n{good}]"),
            "`[1].name` `n` is also the name of number 1 (line 2, column 1)",
        ),
    ] {
        let message = message(file);
        assert!(message.contains(wanted), "{file}: {message}");
    }
    let long = format!(r#"[{{"issuer":"{}","subject":"s"}}]"#, "x".repeat(601));
    assert!(message(&long).contains("`[0].issuer` is over 600 characters"));
    let many = format!("[{}]", alloc::vec![r#"{"issuer":"i","subject":"s"}"#; 101].join(","));
    assert!(message(&many).contains("more than 100"));
    assert!(message(&" ".repeat(MAX_BYTES + 1)).contains("1 MiB"));
}
