//! The verdict about a trust: which values of a federated identity credential a token meets, and what to do about the others.
//!
//! `trust` makes verdicts. An [`Error`](crate::Error) about a refused trust has one, too.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Serialize, Serializer};

/// Whether Entra would accept a token for one of some federated identity credentials, and why.
///
/// The wire form is in `docs/protocol.md`, section 10.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// Whether a credential accepts the token and no check has failed.
    pub accepted: bool,
    /// The AADSTS number of Entra's answer; `None` if the token is accepted.
    pub aadsts: Option<u32>,
    /// The value that the number is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<Field>,
    /// How the nearest credential differs in that value, or in the first that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// The index of the credential that needs the least change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest: Option<usize>,
    /// One for each credential, in their order.
    pub credentials: Vec<CredentialVerdict>,
    /// What to do, as sentences and commands. The commands are quoted for POSIX shells.
    pub fix: Vec<String>,
    /// The checks beside the comparison of values; empty if nothing was supplied to check.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<TrustCheck>,
}

/// How a token compares with one credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CredentialVerdict {
    /// The credential's name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether all fields are equal.
    pub accepted: bool,
    /// Issuer, subject or expression, audience.
    pub fields: Vec<FieldVerdict>,
    /// Tokens that the credential's expression accepts and that were probably not meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// How a value of a token compares with that of a credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FieldVerdict {
    /// Which value.
    pub field: Field,
    /// The credential's value.
    pub expected: String,
    /// The token's value; `None` if it has none.
    pub presented: Option<String>,
    /// Whether the values are equal, or the expression matches.
    pub equal: bool,
    /// How they differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// The first character of `presented` that differs, counted from 0. Its length if `presented` ends too early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<usize>,
}

/// A check beside the comparison of values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TrustCheck {
    /// Its name, such as `key_count`.
    pub check: &'static str,
    /// What was found.
    pub outcome: CheckOutcome,
    /// One sentence.
    pub message: String,
}

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Entra finds nothing to refuse here.
    Pass,
    /// Entra refuses the token for this.
    Fail,
    /// What the check needs was not supplied.
    Unknown,
}

/// A value of a federated identity credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// `issuer`, compared with `iss`.
    Issuer,
    /// `subject`, compared with `sub`.
    Subject,
    /// `claimsMatchingExpression`, applied to the claims that it names.
    Expression,
    /// The one item of `audiences`, compared with `aud`.
    Audience,
}

impl Field {
    /// Its name in messages and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issuer => "issuer",
            Self::Subject => "subject",
            Self::Expression => "expression",
            Self::Audience => "audience",
        }
    }
}

macro_rules! differences {
    ($($variant:ident $name:literal $meaning:literal,)*) => {
        /// How two values differ: the first of these that describes it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Difference {
            $(#[doc = $meaning] $variant,)*
        }

        impl Difference {
            /// Every class, in the order in which they are tried.
            pub const ALL: &'static [Difference] = &[$(Difference::$variant,)*];

            /// The name in every language.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Difference::$variant => $name,)* }
            }

            /// One sentence for the documentation.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Difference::$variant => $meaning,)* }
            }
        }
    };
}

differences! {
    Missing "missing" "The token has no such claim, or an empty one.",
    CaseOnly "case_only" "The values differ only in upper and lower case.",
    WhiteSpace "white_space" "The values differ only in white space.",
    TrailingSlash "trailing_slash" "One value ends with a slash that the other lacks.",
    LookAlikeUnicode "look_alike_unicode" "The values look alike: one has a Unicode character that resembles the other's, or an invisible one.",
    PercentEncoding "percent_encoding" "One value has `:` where the other has `%3A`, as GitHub writes it inside of a value.",
    AudienceOfAnotherCloud "audience_of_another_cloud" "Each value is the exchange audience of a cloud, but of different clouds.",
    IssuerOfSamePlatform "issuer_of_same_platform" "Both issuers belong to one platform: another AKS region or cluster, GitHub Enterprise, one of Azure DevOps' two.",
    GithubImmutableSubject "github_immutable_subject" "One subject is GitHub's old form, the other the immutable form with the ids of owner and repository.",
    GitlabProjectIdSubject "gitlab_project_id_subject" "One subject is GitLab's form with `project_path`, the other the form with `project_id`.",
    AzureDevopsSubject "azure_devops_subject" "One subject is Azure DevOps' form `sc://organization/project/connection`, the other its successor with ids.",
    JobContext "job_context" "The subjects are for the same project, but for another branch, tag, environment, pull request or phase.",
    PerRunSubject "per_run_subject" "The token's subject has a part that is new for each run, so that no credential can match it.",
    ExpressionInvalid "expression_invalid" "The expression does not follow the grammar.",
    ExpressionNotAllowed "expression_not_allowed" "Entra evaluates no expression over this claim for this issuer.",
    Different "different" "The values differ in another way.",
}

impl Serialize for Difference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
