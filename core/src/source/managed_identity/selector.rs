//! Which of a machine's user-assigned identities is meant.

use crate::entra::tenant::is_guid;
use crate::json::non_empty::NonBlank;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;

/// A user-assigned identity, named by one of its ids.
#[derive(Clone, Debug)]
pub(super) struct Selector {
    pub(super) by: By,
    pub(super) id: String,
}

/// The kind of an id.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum By {
    Client,
    Object,
    Resource,
}

impl By {
    /// The member of the configuration.
    pub(super) fn member(self) -> &'static str {
        match self {
            By::Client => "source.client_id",
            By::Object => "source.object_id",
            By::Resource => "source.resource_id",
        }
    }
}

impl Selector {
    /// Reads the members of a configuration, of which at most one is given.
    pub(super) fn read(
        client_id: Option<NonBlank>,
        object_id: Option<NonBlank>,
        resource_id: Option<NonBlank>,
    ) -> Result<Option<Self>, Error> {
        let invalid = |message: String| Error::new(Code::ConfigInvalid, message);
        let given = [(By::Client, client_id), (By::Object, object_id), (By::Resource, resource_id)];
        let mut given = given.into_iter().filter_map(|(by, id)| Some((by, id?.0)));
        let Some((by, id)) = given.next() else { return Ok(None) };
        if let Some((other, _)) = given.next() {
            return Err(invalid(format!(
                "`{}` and `{}` both name the managed identity; give one of them",
                by.member(),
                other.member()
            )));
        }
        let id = id.trim_ascii();
        let is_resource =
            id.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("/subscriptions/"))
                && id.bytes().all(|byte| byte.is_ascii_graphic());
        match by {
            By::Resource if !is_resource => Err(invalid(format!(
                "`{}` is not the resource id of a managed identity, which begins with `/subscriptions/`",
                by.member()
            ))),
            By::Client | By::Object if !is_guid(id) => Err(invalid(format!(
                "`{}` is not a GUID; copy it from the identity's overview in the Azure portal",
                by.member()
            ))),
            _ => Ok(Some(Self { by, id: String::from(id) })),
        }
    }
}
