//! Values of options that begin with `-`, as one base64url key id in 64 does.
//!
//! clap reads such an argument as another option. Its `allow_hyphen_values` reads every argument as a value, so that
//! `--retire --out DIR` would retire the key `--out` instead of reporting the missing value.

use clap::{Arg, Command};
use std::ffi::{OsStr, OsString};

/// The arguments, in which `--option -value` is `--option=-value`. Options of the command are never values.
///
/// `root` must be built.
pub(crate) fn attached(
    root: &Command,
    arguments: impl IntoIterator<Item = OsString>,
) -> Vec<OsString> {
    let mut command = root;
    let mut attached = Vec::new();
    let mut arguments = arguments.into_iter().peekable();
    while let Some(mut argument) = arguments.next() {
        let option = option(command, &argument);
        if argument == "--" || option.is_some_and(Arg::is_allow_hyphen_values_set) {
            attached.push(argument);
            attached.extend(arguments);
            break;
        }
        match option {
            Some(option) if takes_one_value(option) => {
                if let Some(value) = arguments.next_if(|next| is_hyphen_value(command, next)) {
                    argument.push("=");
                    argument.push(value);
                    attached.push(argument);
                } else {
                    attached.push(argument);
                    // The value may have the name of a command.
                    attached.extend(arguments.next_if(|next| !starts_with_hyphen(next)));
                }
            }
            _ => {
                command = command.find_subcommand(&argument).unwrap_or(command);
                attached.push(argument);
            }
        }
    }
    attached
}

/// The option that an argument without `=` names.
fn option<'c>(command: &'c Command, argument: &OsStr) -> Option<&'c Arg> {
    let name = argument.to_str()?;
    command.get_arguments().find(|option| match name.strip_prefix("--") {
        Some(long) => option.get_long() == Some(long),
        None => name.strip_prefix('-').is_some_and(|short| {
            option.get_short().is_some_and(|own| short.strip_prefix(own) == Some(""))
        }),
    })
}

fn takes_one_value(option: &Arg) -> bool {
    option.get_num_args().is_some_and(|number| number.max_values() == 1)
}

fn starts_with_hyphen(argument: &OsStr) -> bool {
    argument.as_encoded_bytes().starts_with(b"-")
}

fn is_hyphen_value(command: &Command, argument: &OsStr) -> bool {
    let name = argument.to_str().map_or("", |text| text.split('=').next().unwrap_or(text));
    starts_with_hyphen(argument)
        && !matches!(name, "-" | "--")
        && option(command, OsStr::new(name)).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use clap::CommandFactory;

    fn attach(arguments: &str) -> String {
        let mut root = Arguments::command();
        root.build();
        let attached = attached(&root, arguments.split(' ').map(OsString::from));
        attached.join(OsStr::new(" ")).into_string().expect("UTF-8")
    }

    #[test]
    fn values_that_begin_with_a_hyphen_are_attached() {
        for (arguments, expected) in [
            ("wif publish --retire -kid --out d", "wif publish --retire=-kid --out d"),
            ("wif publish --retire --kid", "wif publish --retire=--kid"),
            ("wif -q issue --subject -s -v", "wif -q issue --subject=-s -v"),
            ("wif token --claims -1 --scope publish", "wif token --claims=-1 --scope publish"),
            ("wif token --scope publish --retire -x", "wif token --scope publish --retire -x"),
        ] {
            assert_eq!(attach(arguments), expected);
        }
    }

    #[test]
    fn options_and_the_arguments_of_a_program_stay() {
        for arguments in [
            "wif publish --retire --out d",
            "wif publish --retire --out=d",
            "wif publish --retire -v",
            "wif publish --retire --help",
            "wif publish --retire",
            "wif publish --retire=-kid",
            "wif publish --json -x",
            "wif verify --jwks - --batch -",
            "wif issue --signer sign --subject -s",
            "wif explain -- --now -1",
        ] {
            assert_eq!(attach(arguments), arguments);
        }
    }

    #[test]
    fn every_option_with_one_value_takes_one_that_begins_with_a_hyphen() {
        let mut root = Arguments::command();
        root.build();
        let mut names = Vec::new();
        let mut commands: Vec<(String, &Command)> = vec![("wif".to_owned(), &root)];
        while let Some((path, command)) = commands.pop() {
            for option in command.get_arguments().filter(|option| takes_one_value(option)) {
                let Some(long) = option.get_long() else { continue };
                let given = format!("{path} --{long} -value");
                assert_eq!(attach(&given), format!("{path} --{long}=-value"));
                names.push(long.to_owned());
            }
            let deeper = command.get_subcommands().filter(|deeper| deeper.get_name() != "help");
            commands.extend(deeper.map(|next| (format!("{path} {}", next.get_name()), next)));
        }
        assert!(names.len() > 50, "{names:?}");
    }
}
