use super::*;

/// Subjects of every form.
const EXAMPLES: &[(&str, Platform, &str, u8)] = &[
    ("repo:octo/app:environment:production", Platform::Github, "environment", 1),
    ("repo:octo/app:environment:a/b%3Ac", Platform::Github, "environment", 1),
    ("repo:octo/app:pull_request", Platform::Github, "pull_request", 1),
    ("repo:octo/app:ref:refs/heads/feature/x", Platform::Github, "branch", 1),
    ("repo:octo/app:ref:refs/tags/v1", Platform::Github, "tag", 1),
    ("repo:octo@1/app@2:environment:production", Platform::Github, "environment", 2),
    ("repo:octo@1/app@2:pull_request", Platform::Github, "pull_request", 2),
    ("repo:octo@1/app@2:ref:refs/heads/main", Platform::Github, "branch", 2),
    ("repo:octo@1/app@2:ref:refs/tags/v1", Platform::Github, "tag", 2),
    (
        "octo/flows/.github/workflows/deploy.yml@refs/heads/main",
        Platform::Github,
        "reusable_workflow",
        1,
    ),
    ("repo:octo/app:ref:refs/heads/main:actor:me", Platform::Github, "customised", 1),
    (
        "repository_owner:octo:job_workflow_ref:octo/f/.github/workflows/d.yml@refs/heads/main",
        Platform::Github,
        "customised",
        1,
    ),
    ("system:serviceaccount:default:app", Platform::Kubernetes, "service_account", 1),
    ("project_path:g/s/p:ref_type:branch:ref:main", Platform::Gitlab, "ref", 1),
    ("project_id:7:ref_type:tag:ref:v1", Platform::Gitlab, "ref", 2),
    ("project_path:g/p", Platform::Gitlab, "project", 1),
    ("project_id:7", Platform::Gitlab, "project", 2),
    ("sc://my-org/my project/my-connection", Platform::AzureDevops, "service_connection", 1),
    (
        "/eid1/c/pub/t/aBc/a/dEf/sc/11111111-2222-3333-4444-555555555555/66666666-2222-3333-4444-555555555555",
        Platform::AzureDevops,
        "service_connection",
        2,
    ),
    (
        "organization:my org:project:p:workspace:w:run_phase:plan",
        Platform::Terraform,
        "workspace",
        1,
    ),
    ("organization:o:module:m:operation:test_run", Platform::Terraform, "module", 1),
    ("spiffe://example.org/ns/default/sa/app", Platform::Spiffe, "workload", 1),
    ("spiffe://example.org", Platform::Spiffe, "trust_domain", 1),
    ("arn:aws:iam::123456789012:role/path/App", Platform::Aws, "role", 1),
    (
        "organization:o:pipeline:p:ref:refs/heads/main:commit:abc:step:build",
        Platform::Buildkite,
        "step",
        1,
    ),
    (
        "{11111111-2222-3333-4444-555555555555}:{66666666-2222-3333-4444-555555555555}",
        Platform::Bitbucket,
        "step",
        1,
    ),
    (
        "modal:workspace_id:ac-1:environment_name:main:app_name:a:function_name:f:container_id:ta-1",
        Platform::Modal,
        "container",
        1,
    ),
    ("acme:web:148e12345b7789", Platform::Fly, "machine", 1),
    (
        "org/11111111-2222-3333-4444-555555555555/project/21111111-2222-3333-4444-555555555555/user/31111111-2222-3333-4444-555555555555",
        Platform::Circleci,
        "user",
        1,
    ),
    (
        "org/11111111-2222-3333-4444-555555555555/project/21111111-2222-3333-4444-555555555555/user/31111111-2222-3333-4444-555555555555/vcs-origin/github.com/o/r/vcs-ref/refs/heads/main",
        Platform::Circleci,
        "user_and_ref",
        2,
    ),
    ("owner:acme:project:web:environment:production", Platform::Vercel, "deployment", 1),
    ("space:s:stack:k:run_type:TRACKED:scope:write", Platform::Spacelift, "stack", 1),
    ("11111111-2222-3333-4444-555555555555", Platform::Entra, "managed_identity", 1),
    ("112233445566778899001", Platform::Google, "service_account", 1),
];

#[test]
fn every_form_is_read_and_built_again() {
    for (text, platform, name, generation) in EXAMPLES {
        let subject = Subject::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((subject.form.platform, subject.form.name), (*platform, *name), "{text}");
        assert_eq!(subject.form.generation, *generation, "{text}");
        let parts: Vec<(&str, &str)> =
            subject.parts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(Subject::build(*platform, name, *generation, &parts).as_deref(), Ok(*text));
    }
}

#[test]
fn names_of_forms_are_unique() {
    for (index, form) in SUBJECT_FORMS.iter().enumerate() {
        let same = |other: &&SubjectForm| {
            (other.platform, other.name, other.generation)
                == (form.platform, form.name, form.generation)
        };
        assert!(SUBJECT_FORMS[..index].iter().find(same).is_none(), "{form:?}");
        for name in form.project.iter().chain(form.per_run) {
            assert!(form.parts().any(|part| part == *name), "{form:?}");
        }
    }
}

#[test]
fn other_texts_have_no_form() {
    for text in [
        "",
        ":",
        "repo:",
        "repo:octo",
        "repo:octo/:pull_request",
        "system:serviceaccount:default:",
        "system:serviceaccount:a:b:c",
        "spiffe://Example.org/a",
        "spiffe://example.org/a//b",
        "spiffe://example.org/../b",
        "spiffe://example.org/",
        "sc://a/b",
        "project_id:x:ref_type:branch:ref:main",
        "a:b:c",
        "\u{1b}[31m",
    ] {
        assert_eq!(Subject::parse(text), None, "{text}");
    }
}

#[test]
fn the_issuer_decides_between_forms() {
    let uuid = "11111111-2222-3333-4444-555555555555";
    let subject = Subject::parse_of(uuid, "https://agent.buildkite.com").unwrap();
    assert_eq!(subject.form.platform, Platform::Buildkite);
    let aks = "https://eastus.oic.prod-aks.azure.com/t/g/";
    let subject = Subject::parse_of("system:serviceaccount:a:b", aks).unwrap();
    assert_eq!(subject.form.platform, Platform::Kubernetes);
}

#[test]
fn builders_name_what_is_wrong() {
    let message = |name: &str, parts: &[(&str, &str)]| {
        Subject::build(Platform::Github, name, 1, parts).unwrap_err().message.clone()
    };
    let parts = [("owner", "octo"), ("repo", "a/b"), ("branch", "main")];
    assert!(message("branch", &parts).contains("`repo` is not a text without `:`"));
    assert!(message("branch", &parts[..1]).contains("`repo` is missing"));
    assert!(message("pull_request", &parts).contains("`branch` is no part"));
    assert!(message("nothing", &parts).contains("`branch` of generation 1"));
    assert!(message("customised", &[("secret", "x")]).contains("`secret`"));
    assert!(message("customised", &[]).contains("no parts"));
    let parts = [("owner", "octo"), ("repo", "app"), ("environment", "a:b")];
    assert_eq!(
        Subject::build(Platform::Github, "environment", 1, &parts).as_deref(),
        Ok("repo:octo/app:environment:a%3Ab")
    );
}
