//! Named params: what a method takes, and reading it from a message that may hold anything.
//!
//! A param that the method does not have is refused, with the nearest one that it has: a host that
//! misspells `purge` must not learn that from its files. What a value means for the project (an asset that
//! nobody knows, a root that is taken) is not looked at here.

use prometeu_packer::schema::suggest::nearest;
use serde_json::{Map, Value};

use super::rpc::{Kind as ProblemKind, Problem, shown};

/// A param of a method.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
}

/// What a param is given as.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A string.
    Text,
    /// `true` or `false`.
    Flag,
    /// A path: a string, and not the empty one, which would be the project's own folder.
    Path,
    /// A whole number of 32 bits.
    Number,
    /// An asset: an id as a number, which is never 0; or an id, a uuid, a root or a name as a string.
    Asset,
    /// A list of them.
    Assets,
    /// A list of strings.
    Texts,
    /// All of them by `true`, or a list of strings.
    Some,
    /// One of these strings.
    OneOf(fn() -> Vec<&'static str>),
}

/// Params that were checked against those of a method.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Params(Map<String, Value>);

impl Param {
    /// One without which the method makes no sense.
    pub(crate) const fn required(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: true }
    }

    /// One that may be left out.
    pub(crate) const fn optional(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false }
    }
}

impl Kind {
    /// What it is given as, in words.
    pub(crate) fn expected(self) -> String {
        let words = match self {
            Self::Text => "a string",
            Self::Flag => "true or false",
            Self::Path => "a string that is not empty",
            Self::Number => "a whole number from 0 to 4294967295",
            Self::Asset => "a string, or an id as a whole number from 1 to 4294967295",
            Self::Assets => "a list of strings, or of ids as whole numbers from 1 to 4294967295",
            Self::Texts => "a list of strings",
            Self::Some => "true or a list of strings",
            Self::OneOf(choices) => {
                let quoted: Vec<String> = choices().iter().map(|choice| format!("`{choice}`")).collect();
                return format!("one of {}", quoted.join(", "));
            }
        };
        words.to_owned()
    }

    fn takes(self, value: &Value) -> bool {
        let number = || value.as_u64().and_then(|number| u32::try_from(number).ok());
        match self {
            Self::Text => value.is_string(),
            Self::Path => value.as_str().is_some_and(|path| !path.is_empty()),
            Self::Flag => value.is_boolean(),
            Self::Number => number().is_some(),
            Self::Asset => value.is_string() || number().is_some_and(|id| id > 0),
            Self::Assets => {
                value.as_array().is_some_and(|list| list.iter().all(|value| Self::Asset.takes(value)))
            }
            Self::Texts => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
            Self::Some => *value == Value::Bool(true) || Self::Texts.takes(value),
            Self::OneOf(choices) => value.as_str().is_some_and(|text| choices().contains(&text)),
        }
    }
}

/// Checks that `given` are params of `method`, which takes `params`. One that is null is absent.
///
/// # Errors
///
/// The first that is none, or is not what it should be.
pub(crate) fn check(
    method: &str,
    params: &[Param],
    mut given: Map<String, Value>,
) -> Result<Params, Problem> {
    given.retain(|_, value| !value.is_null());
    for (name, value) in &given {
        let Some(param) = params.iter().find(|param| param.name == name) else {
            let names = || params.iter().map(|param| param.name);
            let help = match nearest(name, names()) {
                Some(name) => format!("Did you mean `{name}`?"),
                None if params.is_empty() => "It takes none.".to_owned(),
                None => format!(
                    "It takes {}.",
                    names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
                ),
            };
            let problem = Problem::new(ProblemKind::Params, format!("`{method}` has no param `{name}`"));
            return Err(problem.help(help));
        };
        if !param.kind.takes(value) {
            let message = format!("`{name}` of `{method}` is {}", shown(value));
            let problem = Problem::new(ProblemKind::Params, message);
            return Err(problem.help(format!("It takes {}.", param.kind.expected())));
        }
    }
    Ok(Params(given))
}

impl Params {
    /// Checks that nothing is missing without which `method` makes no sense.
    ///
    /// # Errors
    ///
    /// The first that is.
    pub(crate) fn are_complete(&self, method: &str, params: &[Param]) -> Result<(), Problem> {
        match params.iter().find(|param| param.required && !self.0.contains_key(param.name)) {
            None => Ok(()),
            Some(Param { name, kind, .. }) => {
                let problem =
                    Problem::new(ProblemKind::Params, format!("`{method}` lacks the param `{name}`"));
                Err(problem.help(format!("It takes {}.", kind.expected())))
            }
        }
    }

    /// Takes one out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }

    /// One of them as it was given.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A string.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// A flag; one that is left out is off.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.flag_or(name, false)
    }

    /// A flag, or what it is when it is left out.
    pub(crate) fn flag_or(&self, name: &str, left_out: bool) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(left_out)
    }

    /// A number.
    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        u32::try_from(self.get(name)?.as_u64()?).ok()
    }

    /// An asset, as the library finds it.
    pub(crate) fn asset(&self, name: &str) -> Option<String> {
        self.get(name).and_then(asset)
    }

    /// Several assets, as the library finds them.
    pub(crate) fn assets(&self, name: &str) -> Vec<String> {
        self.list(name).iter().filter_map(asset).collect()
    }

    /// Several strings.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        self.list(name).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    fn list(&self, name: &str) -> &[Value] {
        self.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

fn asset(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|id| id.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PARAMS: [Param; 6] = [
        Param::required("asset", Kind::Asset),
        Param::optional("purge", Kind::Flag),
        Param::optional("assets", Kind::Assets),
        Param::optional("size", Kind::Number),
        Param::optional("sort", Kind::OneOf(|| vec!["id", "name"])),
        Param::optional("out", Kind::Path),
    ];

    fn read(given: &Value) -> Result<Params, Problem> {
        let params = check("m", &PARAMS, given.as_object().unwrap().clone())?;
        params.are_complete("m", &PARAMS).map(|()| params)
    }

    #[track_caller]
    fn refused(given: &Value, message: &str, help: &str) {
        let problem = read(given).unwrap_err();
        assert_eq!((problem.message.as_str(), problem.help.as_deref()), (message, Some(help)));
        assert_eq!(problem.kind, ProblemKind::Params);
    }

    #[test]
    fn an_asset_is_a_number_or_a_string() {
        let params = read(&json!({ "asset": 7, "assets": [1, "ui/a"], "purge": null })).unwrap();
        assert_eq!(params.asset("asset").as_deref(), Some("7"));
        assert_eq!(params.assets("assets"), ["1", "ui/a"]);
        assert!(!params.flag("purge") && params.flag_or("purge", true));
    }

    #[test]
    fn what_is_no_param_of_the_method_is_refused_with_what_would_be() {
        refused(&json!({ "asset": 7, "pruge": true }), "`m` has no param `pruge`", "Did you mean `purge`?");
        refused(
            &json!({ "asset": 7, "x": 1 }),
            "`m` has no param `x`",
            "It takes `asset`, `purge`, `assets`, `size`, `sort`, `out`.",
        );
        let help = "It takes a string, or an id as a whole number from 1 to 4294967295.";
        refused(&json!({ "asset": null }), "`m` lacks the param `asset`", help);
        for (asset, shown) in
            [(json!(1.5), "1.5"), (json!(-1), "-1"), (json!(0), "0"), (json!(1_u64 << 32), "4294967296")]
        {
            refused(&json!({ "asset": asset }), &format!("`asset` of `m` is `{shown}`"), help);
        }
        refused(
            &json!({ "asset": 1, "out": "" }),
            "`out` of `m` is `\"\"`",
            "It takes a string that is not empty.",
        );
        refused(&json!({ "asset": 1, "purge": 1 }), "`purge` of `m` is `1`", "It takes true or false.");
        refused(
            &json!({ "asset": 1, "sort": "nam" }),
            "`sort` of `m` is `\"nam\"`",
            "It takes one of `id`, `name`.",
        );
        refused(
            &json!({ "asset": 1, "size": -1 }),
            "`size` of `m` is `-1`",
            "It takes a whole number from 0 to 4294967295.",
        );
        refused(
            &json!({ "asset": 1, "assets": [{}] }),
            "`assets` of `m` is `[{}]`",
            "It takes a list of strings, or of ids as whole numbers from 1 to 4294967295.",
        );
    }
}
