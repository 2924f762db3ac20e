//! `docs/serve.md` says what can be asked: checked here, where both can be seen.

use std::collections::BTreeSet;

use prometeu_packer::ops::Operation;

use super::methods::{self, Method, OF_MUTATIONS, Run};
use super::params::Param;
use super::{GRACE, OWN, flights, lines, rpc};

const PAGE: &str = include_str!("../../../docs/serve.md");

/// The rows of the table with that heading.
fn rows(heading: &str) -> Vec<&'static str> {
    let (_, table) = PAGE.split_once(heading).unwrap_or_else(|| panic!("no table {heading}"));
    table.lines().skip(2).take_while(|line| line.starts_with('|')).collect()
}

fn params(params: &[Param]) -> String {
    let named = |param: &Param| format!("`{}{}`", param.name, if param.required { "" } else { "?" });
    params.iter().map(named).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_operation_is_a_method() {
    let methods: Vec<Operation> = methods::ALL.iter().map(|method| method.operation).collect();
    assert_eq!(methods, Operation::ALL);
}

#[test]
fn every_param_is_named_once_in_a_method() {
    for method in &methods::ALL {
        let params = method.all_params();
        let names: BTreeSet<&str> = params.iter().map(|param| param.name).collect();
        assert_eq!(names.len(), params.len(), "{}", method.name());
    }
}

#[test]
fn the_page_has_every_method_in_order_with_its_params_and_its_class() {
    let row = |method: &Method| {
        let previewed = match method.run {
            Run::Mutation(_) => "yes".to_owned(),
            Run::Answer(_) => String::new(),
            Run::Either(name, ..) => format!("with `{name}`"),
        };
        let class = method.operation.class().as_str();
        let cells = [format!("`{}`", method.name()), params(method.params), format!("`{class}`"), previewed];
        format!("| {} |", cells.join(" | ")).replace("  ", " ")
    };
    let expected: Vec<String> = methods::ALL.iter().map(row).collect();
    assert_eq!(rows("| method | params | class | previewed |"), expected);
}

#[test]
fn the_page_says_what_each_param_is_given_as() {
    let on_page: BTreeSet<String> = rows("| param | is |")
        .iter()
        .flat_map(|row| row.split('|').nth(1).unwrap().split(',').map(|name| name.trim().replace('`', "")))
        .collect();
    let known = methods::ALL.iter().flat_map(|method| method.params).chain(&OF_MUTATIONS);
    let known: BTreeSet<String> = known.map(|param| param.name.to_owned()).collect();
    assert_eq!(on_page, known);
}

#[test]
fn the_page_has_every_error_and_no_other() {
    let on_page: Vec<&str> =
        rows("| code | means |").iter().map(|row| row.split('`').nth(1).unwrap()).collect();
    assert_eq!(on_page, rpc::Kind::ALL.map(|kind| kind.code().to_string()));
}

#[test]
fn the_page_names_what_is_ours_and_the_limits() {
    for own in OWN.iter().chain(&[rpc::EVENT]) {
        assert!(PAGE.contains(&format!("`{own}")), "the page lacks `{own}`");
    }
    for limit in [
        format!("{} MiB", lines::LIMIT >> 20),
        format!("{} requests", flights::MOST),
        format!("{} seconds", GRACE.as_secs()),
    ] {
        assert!(PAGE.contains(&limit), "the page lacks `{limit}`");
    }
}
