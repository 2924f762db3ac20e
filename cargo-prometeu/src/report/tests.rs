//! What the rooms share, and the page as a whole.

use std::collections::BTreeMap;

use packer_format::json::Object;
use packer_format::{AssetId, Entry, Header, PlannedAsset};

use super::content::Content;
use super::data::{Asset, Family, Pack, Report, SCHEMA_VERSION};
use super::{changes, compared, html, page};

/// An asset of a pack that nobody made.
pub(super) fn asset(asset_id: u32, root: &str, size: u64) -> Asset {
    Asset {
        asset_id,
        asset_uuid: format!("0198c0de-0000-7000-8000-{asset_id:012}"),
        asset_name: format!("name of {root}"),
        root: root.to_owned(),
        address: "a::B".to_owned(),
        asset_family: "blob_bank".to_owned(),
        format: "BLOB/raw_v1".to_owned(),
        codec: "NONE".to_owned(),
        size,
        decoded_size: size,
        artifacts: 1,
        slot: None,
        payload_sha256: format!("payload {asset_id}"),
        input_digest: format!("input {asset_id}"),
        metadata_sha256: "metadata".to_owned(),
    }
}

/// A report on such assets.
pub(super) fn report(assets: Vec<Asset>) -> Report {
    let payload_size = assets.iter().map(|asset| asset.size).sum();
    let family = Family {
        asset_family: "blob_bank".to_owned(),
        assets: changes::number(assets.len()),
        size: payload_size,
        preloaded: 0,
        slots: None,
    };
    Report {
        schema_version: SCHEMA_VERSION,
        project: Some("game".to_owned()),
        pack: Pack {
            digest: "pmpa-tree-1:00".to_owned(),
            format_version: 1,
            size: payload_size + 4096,
            table_size: 4000,
            metadata_size: 100,
            alignment_size: 96,
            payload_size,
        },
        families: vec![family],
        assets,
        left_out: Vec::new(),
        since: None,
    }
}

/// The entry of a table with one asset.
pub(super) fn entry(bank_type: &str, size: u64, decoded_size: u64, metadata: Object) -> Entry {
    let planned = PlannedAsset {
        asset_id: AssetId::new(1),
        asset_name: "one".to_owned(),
        bank_type: bank_type.to_owned(),
        decoded_size,
        size,
        metadata,
        preload: false,
    };
    Header::plan([planned]).unwrap().entries()[0].clone()
}

/// A page without anything to see or hear.
pub(super) fn page_of(report: &Report) -> String {
    let contents = report.assets.iter().map(|asset| (asset.asset_id, Content::Nothing));
    page::write(report, &contents.collect::<BTreeMap<_, _>>())
}

#[test]
fn the_same_data_gives_the_same_page() {
    let given = report(vec![asset(1, "ui/a", 10), asset(2, "b", 20), asset(3, "c", 0)]);
    assert_eq!(page_of(&given), page_of(&given.clone()));
}

#[test]
fn a_report_that_is_made_again_says_what_it_said_until_there_is_another_pack() {
    let first = report(vec![asset(1, "a", 10)]);
    let mut second = report(vec![asset(1, "a", 10), asset(2, "b", 20)]);
    second.since = compared(&first, &second);
    assert_eq!(second.since.as_ref().unwrap().added, 1);
    let mut again = second.clone();
    again.since = compared(&second, &again);
    assert_eq!(again, second);
    let mut alone = first.clone();
    alone.since = compared(&first, &alone);
    assert_eq!(alone.since, None);
    // Its bytes are the same, and its place is another.
    let mut moved = second.clone();
    moved.assets[0].root = "z".to_owned();
    assert_eq!(compared(&second, &moved).unwrap().renamed, 1);
}

#[test]
fn no_name_becomes_markup_anywhere_on_the_page() {
    const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\"'&<!--\u{2028}\u{202e}";
    let mut one = asset(1, HOSTILE, 10);
    one.asset_name = HOSTILE.to_owned();
    one.address = HOSTILE.to_owned();
    one.asset_family = HOSTILE.to_owned();
    one.format = HOSTILE.to_owned();
    let mut given = report(vec![one.clone(), asset(2, "b", 5)]);
    given.project = Some(HOSTILE.to_owned());
    given.families[0].asset_family = HOSTILE.to_owned();
    let mut before = given.clone();
    before.assets[0].root = format!("{HOSTILE}2");
    before.assets[0].asset_name = format!("{HOSTILE}3");
    before.assets[1].asset_uuid = HOSTILE.to_owned();
    given.since = Some(changes::since(&before, &given));
    let plain = page_of(&report(vec![asset(1, "plain", 10), asset(2, "b", 5)]));
    let hostile = page_of(&given);
    for needle in ["<img src=x", "<!--", "\u{2028}", "\u{202e}", "onerror=alert(1)>"] {
        assert!(!hostile.contains(needle), "{needle}");
    }
    assert_eq!(hostile.matches("<script").count(), plain.matches("<script").count());
    assert_eq!(hostile.matches("</script").count(), plain.matches("</script").count());
    assert!(hostile.contains(&html::text(HOSTILE)));
}

#[test]
fn the_policy_of_the_page_names_its_own_script_and_nothing_of_the_network() {
    let page = page_of(&report(vec![asset(1, "a", 10)]));
    let policy = page.split_once("http-equiv=\"Content-Security-Policy\" content=\"").unwrap().1;
    let policy = policy.split('"').next().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    let script = page.rsplit_once("<script>").unwrap().1.split("</script>").next().unwrap();
    let digest = prometeu_packer::Digest::of(script.as_bytes());
    assert!(policy.contains(&page::base64(digest.as_bytes())), "{policy}");
    for word in ["http:", "https:", "*", "unsafe-eval", "script-src 'unsafe-inline'"] {
        assert!(!policy.contains(word), "{word}");
    }
}
