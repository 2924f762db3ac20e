//! What to type: a root as a shell takes it, and the command of an action. Everything that advises a
//! command takes it from here, so that what is advised is what is offered.

use super::{Action, Argument, Operation};
use crate::diagnostics::render::visible;

/// A root as a shell and the command take it, anywhere among the words of a command.
#[must_use]
pub fn quoted(root: &str) -> String {
    // Within `assets/` nothing is a flag.
    let folder = if root.starts_with('-') { "assets/" } else { "" };
    if root.chars().all(is_plain) {
        format!("{folder}{root}")
    } else {
        format!("'{folder}{}'", visible(&root.replace('\'', r"'\''")))
    }
}

/// Whether a shell takes the character as it is.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || "/_-.".contains(c)
}

impl Action {
    /// What to type for it; none where no command takes its arguments.
    #[must_use]
    pub fn command(&self) -> Option<String> {
        let argument = |name| self.arguments.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
        let text = |name| argument(name).map(|value| quoted(&value.to_string()));
        let words = match self.operation {
            Operation::InitWorkspace => "init".to_owned(),
            Operation::Refresh => "refresh".to_owned(),
            Operation::ForgetAsset => format!("forget {}", text("asset")?),
            Operation::RestoreAsset => format!("restore {}", text("entry")?),
            Operation::AdoptAsset => match argument("as")? {
                Argument::Text(new) if new == "new" => format!("adopt {} --as-new", text("root")?),
                asset => format!("adopt {} --as {asset}", text("root")?),
            },
            Operation::Reconcile => match argument("assets") {
                Some(Argument::List(ids)) => format!("reconcile {}", ids.join(" ")),
                _ => "reconcile".to_owned(),
            },
            _ => return None,
        };
        Some(format!("cargo prometeu {words}"))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_and_the_command_take_a_root_for_what_it_is() {
        for (root, expected) in [
            ("ui/atlas_2", "ui/atlas_2"),
            ("first night/moon", "'first night/moon'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
            ("-x", "assets/-x"),
            ("-x y", "'assets/-x y'"),
        ] {
            assert_eq!(quoted(root), expected);
        }
    }
}
