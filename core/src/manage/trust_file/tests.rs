use super::*;

const ID: &str = "11111111-2222-3333-4444-555555555555";
const HEAD: &str = "version: 1\nidentity: {app_id: 11111111-2222-3333-4444-555555555555}\n";
const LIST: &str =
    "version: 1\nidentity: {app_id: 11111111-2222-3333-4444-555555555555}\ncredentials:\n";

fn refused(file: &str) -> String {
    let error = TrustFile::parse(file.as_bytes()).expect_err(file);
    assert_eq!(error.code, Code::ConfigInvalid, "{file}");
    assert!(!error.message.chars().any(char::is_control), "{error}");
    error.message.clone()
}

fn accepted(file: &str) -> TrustFile {
    TrustFile::parse(file.as_bytes()).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn yaml_and_json_are_the_same() {
    let yaml = accepted(&format!(
        "\u{feff}# who may deploy\n{LIST}  - name: prod\r\n    issuer: https://i\n    subject: 'repo:a/b'\n    audience: api://x\n    description: |-\n      two\n      lines\n  - {{name: any, issuer: https://i, expression: \"claims['sub'] matches 'a*'\"}}\n"
    ));
    let json = accepted(&format!(
        r#"{{"version":1,"identity":{{"app_id":"{ID}"}},"credentials":[
        {{"name":"prod","issuer":"https://i","subject":"repo:a/b","audience":"api://x","description":"two\nlines"}},
        {{"name":"any","issuer":"https://i","expression":"claims['sub'] matches 'a*'"}}]}}"#
    ));
    assert_eq!(yaml, json);
    assert_eq!(json.credentials[1].audience, None);
    let wire = serde_json::to_string(&json).unwrap();
    assert!(wire.starts_with(&format!(
        r#"{{"identity":{{"app_id":"{ID}"}},"credentials":[{{"name":"prod","#
    )));
    assert_eq!(accepted(&format!("{HEAD}credentials: []\n")).credentials, []);
}

#[test]
fn what_is_wrong_is_named_with_line_and_column() {
    let one = "  - name: one\n    issuer: https://i\n    subject: s\n";
    for (file, wanted) in [
        (String::new(), "the file is empty (line 1, column 1)"),
        (
            "[]".into(),
            "the trust file is not an object with version, identity, credentials (line 1, column 1)",
        ),
        (
            "version: 2\n".into(),
            "`version` is not 1, the only version there is (line 1, column 10)",
        ),
        ("version: '1'\n".into(), "`version` is not 1"),
        (format!("identity: {{app_id: {ID}}}\n"), "`version` is missing (line 1, column 1)"),
        (
            "version: 1\ncredential: []\n".into(),
            "`credential` is no member of the trust file; it has version, identity, credentials (line 2, column 1)",
        ),
        ("version: 1\nidentity:\ncredentials: []\n".into(), "`identity` has no value"),
        (
            "version: 1\nidentity: {}\n".into(),
            "`identity` has not exactly one of app_id, app_object_id, agent_blueprint, managed_identity (line 2, column 11)",
        ),
        (format!("version: 1\nidentity: {{app_id: {ID}, app_object_id: {ID}}}\n"), "exactly one"),
        ("version: 1\nidentity: {app_id: x}\n".into(), "`identity.app_id` is not a GUID"),
        (
            "version: 1\nidentity:\n  managed_identity: /x\n".into(),
            "is not the resource id of a user-assigned identity: /subscriptions/",
        ),
        (
            "version: 1\nidentity: {app: x}\n".into(),
            "`identity.app` is no member of `identity`; it has app_id",
        ),
        (HEAD.into(), "`credentials` is missing (line 1, column 1)"),
        (format!("{HEAD}credentials: {{}}\n"), "`credentials` is not a list"),
        (format!("{LIST}  - x\n"), "`credentials[0]` is not an object with name, issuer"),
        (
            format!("{LIST}  - nam: x\n"),
            "`credentials[0].nam` is no member of `credentials[0]`; it has name, issuer, subject, expression, audience, description (line 4, column 5)",
        ),
        (
            format!("{LIST}{one}  - issuer: https://i\n    subject: t\n"),
            "`credentials[1].name` is missing (line 7, column 5)",
        ),
        (format!("{LIST}  - name: one\n    subject: s\n"), "`credentials[0].issuer` is missing"),
        (
            format!("{LIST}  - name: one\n    issuer: https://i\n"),
            "`credentials[0].subject` or `credentials[0].expression` is missing (line 4, column 5)",
        ),
        (format!("{LIST}{one}    expression: \"claims['sub'] eq 's'\"\n"), "exclude each other"),
        (
            format!("{LIST}{one}    audience: 7\n"),
            "`credentials[0].audience` is a number or a boolean in YAML; put it in quotes (line 7, column 15)",
        ),
        (format!("{LIST}{one}    description:\n"), "`credentials[0].description` has no value"),
        (format!("{LIST}{one}    description: [a]\n"), "is not a text"),
        (format!("{LIST}{one}    name: two\n"), "the name `name` appears twice in one object"),
        (format!("{LIST}{one}{one}"), "`credentials[1].name` is also the name of `credentials[0]`"),
        (
            format!("{LIST}{one}{}", one.replace("one", "two")),
            "`credentials[1].subject` and its issuer are also those of `credentials[0]`",
        ),
        (format!("{LIST}  - name: a.b\n"), "`credentials[0].name` is not 3 to 120 ASCII letters"),
        (
            format!("{LIST}  - issuer: ' https://i'\n"),
            "`credentials[0].issuer` is no URL without blanks",
        ),
        (
            format!("{LIST}  - subject: {}\n", "x".repeat(601)),
            "`credentials[0].subject` is over 600 characters",
        ),
        (
            format!("{LIST}  - expression: \"claims['sub'] is 's'\"\n"),
            "`credentials[0].expression` is no expression at character 14: expected",
        ),
        (
            format!("{LIST}\t- name: one\n"),
            "a tab stands where YAML has spaces; indent with spaces (line 4",
        ),
        (
            format!("{LIST}  - &a {{name: one}}\n  - *a\n"),
            "anchors (`&`) and aliases (`*`) are not read",
        ),
        (format!("{LIST}{one}    <<: *a\n"), "are not read"),
        (format!("{HEAD}credentials: []\n---\nversion: 1\n"), "a second document begins"),
        (format!("{LIST}  - \"na\\e[31mme\": one\n"), "`credentials[0].na [31mme` is no member"),
    ] {
        let message = refused(&file);
        assert!(message.contains(wanted), "{file}\n{message}\n{wanted}");
    }
}

#[test]
fn names_of_resources_have_no_case() {
    let list = "  - {name: Prod, issuer: https://i, subject: a}\n  - {name: prod, issuer: https://i, subject: b}\n";
    assert_eq!(accepted(&format!("{LIST}{list}")).credentials.len(), 2);
    let identity = format!(
        "/subscriptions/{ID}/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app"
    );
    let file =
        format!("version: 1\nidentity: {{managed_identity: {identity}}}\ncredentials:\n{list}");
    assert!(refused(&file).contains("`credentials[1].name` is also the name of"));
    let described = file.replace("subject: a}", "subject: a, description: d}");
    assert!(refused(&described).contains("`credentials[0].description` is not stored"));
}

#[test]
fn a_file_has_bounds() {
    let entry = |number: usize| {
        format!("  - {{name: n-{number}, issuer: https://i, subject: s{number}}}\n")
    };
    let list = |count: usize| format!("{LIST}{}", (0..count).map(entry).collect::<String>());
    assert_eq!(accepted(&list(20)).credentials.len(), 20);
    assert!(refused(&list(21)).contains("more than 20 items"));
    let error = TrustFile::parse(&alloc::vec![b' '; MAX_TRUST_FILE_BYTES + 1]).unwrap_err();
    assert_eq!(error.code, Code::ConfigInvalid);
    assert!(error.message.contains("larger than 1 MiB"), "{error}");
    let error = TrustFile::parse(b"version: 1\nx: \xff\n").unwrap_err();
    assert!(error.message.contains("not UTF-8 (line 2, column 4)"), "{error}");
    // The alias bomb of "billion laughs".
    let bomb = "a: &a [x]\nb: &b [*a, *a]\n";
    assert!(refused(bomb).contains("anchors"));
}
