//! The page of `pack --report` in a real browser: as wide as a phone and as a desk, light and dark, by keyboard alone.
//!
//! With `PROMETEU_WRITE_PICTURES` in the environment the pictures of `docs/report.md` are made anew.

#![cfg(unix)] // the browser gets its pipes from a shell
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use base64::Engine as _;
use packer_tests::browser::{Browser, Page};
use packer_tests::{cargo, checkout, skip};
use serde_json::{Value, json};
use tempfile::TempDir;

const PHONE: (u32, u32) = (390, 844);
const DESK: (u32, u32) = (1280, 900);

/// The narrowest that the page is made for, and one where the table has just not room enough to be one.
const NARROW: (u32, u32) = (360, 740);
const TABLET: (u32, u32) = (768, 1000);

/// With this variable the pictures are made anew, for a person to look at.
const WRITE: &str = "PROMETEU_WRITE_PICTURES";

/// A project whose pack can be reported on.
struct Project {
    temporary: TempDir,
    program: PathBuf,
}

impl Project {
    /// One with these assets, called like the example game.
    fn with(assets: impl FnOnce(&Path)) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let project = Self { temporary, program: cargo::subcommand() };
        fs::write(project.path("Cargo.toml"), "[package]\nname = \"example-game\"\nedition = \"2024\"\n")
            .unwrap();
        fs::create_dir(project.path("src")).unwrap();
        fs::write(project.path("src/main.rs"), "fn main() {}\n").unwrap();
        assets(&project.path(""));
        project
    }

    /// The example game's own.
    fn of_the_example() -> Self {
        Self::with(|folder| copy(&checkout().join("example-game/assets"), &folder.join("assets")))
    }

    fn path(&self, path: &str) -> PathBuf {
        self.temporary.path().canonicalize().unwrap().join(path)
    }

    fn run(&self, arguments: &[&str]) {
        let mut command = cargo::scrubbed(&self.program);
        command.args(arguments).current_dir(self.path("")).stdin(Stdio::null());
        let output = command.env("PROMETEU_CACHE_DIR", self.path("cache")).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// The example, reported on before and after an edit, a new asset, a move and a removal.
    fn that_changed() -> Self {
        let project = Self::of_the_example();
        project.run(&["pack", "--report", "report.html"]);
        let poem = project.path("assets/levels/garden/poem.txt");
        fs::write(&poem, fs::read_to_string(&poem).unwrap() + "\nand then the lanterns went out\n").unwrap();
        project.run(&["create", "levels/cellar", "--type", "blob_bank"]);
        project.run(&["relocate", "creatures/firefly", "meadow/firefly", "--yes"]);
        project.run(&["exclude", "grove"]);
        project.run(&["pack", "--report", "report.html"]);
        project
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        // What belongs to a checkout of its own is no asset.
        if entry.file_name() == "local" {
            continue;
        }
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Hands over a browser, or says loudly that there is none.
fn with_browser(test: &str, work: impl FnOnce(&mut Browser)) {
    match Browser::find() {
        Some(program) => work(&mut Browser::start(&program)),
        None => skip(test, "no Chromium is on the PATH, so nobody looked at the page of `pack --report`"),
    }
}

/// Presses Tab until the focus is on what the selector means. Wherever it stops meanwhile, it can be seen.
fn tab_to(page: &mut Page<'_>, selector: &str) {
    let selector = json!(selector);
    for _ in 0..250 {
        page.press("Tab");
        let seen = page.eval(
            "(() => { const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
               const ring = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2;
               const inside = r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth;
               return e === document.body || (ring && inside) ? '' : e.outerHTML.slice(0, 200); })()",
        );
        assert_eq!(seen, "", "the focus cannot be seen");
        if page.eval(&format!("document.activeElement.matches({selector})")) == true {
            return;
        }
    }
    panic!("the Tab key never gets to {selector}");
}

/// The roots in the order of the table, without those that are filtered out.
fn roots(page: &mut Page<'_>) -> Vec<String> {
    let roots = page.eval(
        "[...document.querySelectorAll('#table tbody tr:not([hidden]) th')].map((cell) => cell.textContent)",
    );
    roots.as_array().unwrap().iter().map(|root| root.as_str().unwrap().to_owned()).collect()
}

fn fits(page: &mut Page<'_>, what: &str) {
    let widths = page.eval("[document.documentElement.scrollWidth, innerWidth]");
    assert_eq!(widths[0], widths[1], "{what}: the page scrolls sideways");
    let out = page.eval(
        "[...document.querySelectorAll('body *')].filter((e) => !e.closest('.map, pre, svg, .skip, .unseen') &&
           e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 80))",
    );
    assert_eq!(out, json!([]), "{what}: cut off");
}

fn sorting(page: &mut Page<'_>) {
    let by = |page: &mut Page<'_>, key: &str| {
        page.eval(&format!(
            "document.querySelector('[data-key={key}]').closest('th').getAttribute('aria-sort')"
        ))
    };
    assert_eq!(by(page, "size"), "descending");
    let by_size = roots(page);
    assert_eq!(by_size[0], "sound/tune");
    tab_to(page, "[data-key=root]");
    page.press("Enter");
    assert_eq!((by(page, "root"), by(page, "size")), (json!("ascending"), Value::Null));
    let by_root = roots(page);
    assert!(by_root.is_sorted() && by_root != by_size, "{by_root:?}");
    page.press(" ");
    assert_eq!(by(page, "root"), "descending");
    assert!(roots(page).iter().rev().is_sorted());
    // Where it is drawn as one, each head stands above its column; everywhere, each can be sorted by.
    let off = page.eval(
        "getComputedStyle(table).display !== 'table' ? [] : [...table.tHead.rows[0].cells].filter((head, n) =>
           Math.abs(head.getBoundingClientRect().left - table.tBodies[0].rows[0].cells[n].getBoundingClientRect().left) > 1)
           .map((head) => head.textContent)",
    );
    assert_eq!(off, json!([]));
    let keys =
        page.eval("[...document.querySelectorAll('#table [data-key]')].map((button) => button.dataset.key)");
    assert_eq!(keys, json!(["id", "root", "name", "family", "codec", "size", "share", "change"]));
    tab_to(page, "[data-key=change]");
    page.press("Enter");
    assert_eq!(roots(page)[..3], ["levels/cellar", "levels/garden", "meadow/firefly"]);
    assert!(page.eval("location.hash") == "#sort=-change");
}

fn filtering(page: &mut Page<'_>, file: &Path) {
    page.eval("document.activeElement.blur(); scrollTo(0, 0)");
    tab_to(page, "#q");
    page.type_in("sky");
    assert_eq!(roots(page), ["sky/heavens", "sky/hills"]);
    assert_eq!(page.eval("document.querySelector('#count').textContent"), "2 of 13 assets");
    let cards = "[...document.querySelectorAll('.card')].filter((card) => card.checkVisibility()).length";
    assert_eq!(page.eval(cards), 2);
    assert_eq!(page.eval("document.querySelectorAll('#treemap a:not(.off)').length"), 2);
    tab_to(page, "#family");
    page.press("End");
    page.wait("document.querySelector('#count').textContent === '0 of 13 assets'");
    assert_eq!(page.eval("document.querySelector('#none').checkVisibility()"), true);
    tab_to(page, "#reset");
    page.press("Enter");
    page.wait("document.querySelector('#count').textContent === '13 assets'");
    // An address that somebody was sent shows what the sender saw.
    page.open(file, "#sort=id&q=meadow&family=glyph_bank");
    assert_eq!(roots(page), ["meadow/terrain", "meadow/plants", "meadow/firefly"]);
    page.open(file, "");
}

fn map(page: &mut Page<'_>) {
    tab_to(page, "#treemap a");
    let here = "document.activeElement.dataset.a";
    let first = page.eval(here);
    page.press("End");
    page.press("Home");
    assert_eq!(page.eval(here), first);
    let mut met = Vec::new();
    for key in ["ArrowRight", "ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown"] {
        page.press(key);
        assert_eq!(page.eval("document.activeElement.matches('#treemap a')"), true);
        met.push(page.eval(here).to_string());
    }
    met.sort();
    met.dedup();
    assert!(met.len() > 2, "arrows move: {met:?}");
    let says =
        page.eval("document.querySelector('#map-says').textContent === document.activeElement.ariaLabel");
    assert_eq!(says, true);
    let id = page.eval(here);
    page.press("Enter");
    assert_eq!(page.eval(here), id);
    assert_eq!(page.eval("document.activeElement.matches('.card, tr')"), true);
    page.eval("document.activeElement.blur(); scrollTo(0, 0)");
}

/// The colours of the first picture that has several palettes.
const PIXELS: &str = "(async () => { const image = document.querySelector('.palettes:not([hidden])').closest('.card').querySelector('.px');
    await image.decode(); const canvas = document.createElement('canvas'); canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
    const drawing = canvas.getContext('2d'); drawing.drawImage(image, 0, 0);
    return [...drawing.getImageData(0, 0, canvas.width, canvas.height).data].join(); })()";

fn palettes(page: &mut Page<'_>) {
    let style = page.eval("getComputedStyle(document.querySelector('.px')).imageRendering");
    assert_eq!(style, "pixelated");
    // Four steps of the hedgehog in a row, as on its picture, and two owls.
    let animals = "document.querySelector('[alt=\"The tiles of creatures/woodland\"]')";
    assert_eq!(page.eval(&format!("[{animals}.naturalWidth, {animals}.naturalHeight]")), json!([64, 32]));
    let before = page.eval(PIXELS);
    // Some is transparent, and the checkerboard is behind it.
    assert!(before.as_str().unwrap().contains("0,0,0,0,"));
    tab_to(page, ".palettes input");
    page.press("ArrowRight");
    let after = page.eval(PIXELS);
    assert_ne!(before, after);
    page.press("ArrowLeft");
    assert_eq!(page.eval(PIXELS), before);
}

fn sounds(page: &mut Page<'_>) {
    tab_to(page, ".play");
    page.press("Enter");
    let sample = "document.activeElement.closest('.sample')";
    page.wait(&format!("{sample}.querySelector('audio').currentTime > 0.05"));
    let audio = page.eval(&format!("{sample}.querySelector('audio').error"));
    assert_eq!(audio, Value::Null);
    page.wait(&format!(
        "{sample}.querySelector('audio').ended || document.activeElement.ariaPressed === 'true'"
    ));
    // The next one stops it, and stops when it is asked to.
    tab_to(page, "[aria-label='Play lullaby.wav']");
    page.press(" ");
    page.wait(&format!("{sample}.querySelector('audio').currentTime > 0.05"));
    assert_eq!(
        page.eval("[...document.querySelectorAll('audio')].filter((audio) => !audio.paused).length"),
        1
    );
    assert_eq!(page.eval("document.activeElement.ariaPressed"), "true");
    page.press(" ");
    page.wait("document.activeElement.ariaPressed === 'false'");
    assert_eq!(page.eval(&format!("{sample}.querySelector('audio').paused")), true);
    assert_eq!(
        page.eval(&format!(
            "!!{sample}.querySelector('.wave rect') && {sample}.textContent.includes('repeats')"
        )),
        true
    );
}

#[test]
fn the_page_of_a_report_works_by_keyboard_at_every_width_and_in_both_schemes() {
    with_browser("the_page_of_a_report_works_by_keyboard_at_every_width_and_in_both_schemes", |browser| {
        let project = Project::that_changed();
        let file = project.path("report.html");
        let mut backgrounds = Vec::new();
        for size in [NARROW, TABLET] {
            let mut page = browser.page(size, false);
            page.open(&file, "");
            fits(&mut page, &format!("{size:?}"));
        }
        for (size, dark) in [(PHONE, false), (PHONE, true), (DESK, false), (DESK, true)] {
            let mut page = browser.page(size, dark);
            page.open(&file, "");
            fits(&mut page, &format!("{size:?}"));
            backgrounds.push(page.eval("getComputedStyle(document.documentElement).backgroundColor"));
            picture(&mut page, size, dark);
            // The first stop leads past everything.
            tab_to(&mut page, ".skip");
            page.press("Enter");
            assert_eq!(page.eval("document.activeElement.id"), "assets");
            page.eval("document.activeElement.blur(); scrollTo(0, 0)");
            page.open(&file, "");
            map(&mut page);
            page.open(&file, "");
            sorting(&mut page);
            filtering(&mut page, &file);
            palettes(&mut page);
            sounds(&mut page);
            fits(&mut page, &format!("{size:?} after all"));
            assert_eq!(page.problems(), Vec::<String>::new(), "{size:?}");
        }
        assert_eq!((&backgrounds[0], &backgrounds[1]), (&backgrounds[2], &backgrounds[3]));
        assert_ne!(backgrounds[0], backgrounds[1], "dark is dark");
    });
}

/// Writes a picture of the page, when it is asked for.
fn picture(page: &mut Page<'_>, size: (u32, u32), dark: bool) {
    let (name, from, height) = match (size, dark) {
        (DESK, false) => ("report-desk-light.png", "body", 1150),
        (PHONE, true) => ("report-phone-dark.png", "#tiles", 1150),
        _ => return,
    };
    if std::env::var_os(WRITE).is_none() {
        return;
    }
    let top = page.eval(&format!(
        "Math.max(0, Math.floor(document.querySelector('{from}').getBoundingClientRect().top + scrollY - 12))"
    ));
    let top = top.as_u64().and_then(|top| u32::try_from(top).ok()).unwrap();
    let shot = page.screenshot(top, (size.0, height));
    let png = base64::engine::general_purpose::STANDARD.decode(shot).unwrap();
    assert!(png.len() < 200_000, "{name} has {} bytes", png.len());
    fs::write(checkout().join("docs/pictures").join(name), png).unwrap();
}

#[test]
fn names_that_would_be_markup_are_words_on_the_page_of_a_report() {
    with_browser("names_that_would_be_markup_are_words_on_the_page_of_a_report", |browser| {
        const NAME: &str = "</script><img src=x onerror=\"document.title='owned'\">'&<!-- \u{2028}\u{202e}";
        let project = Project::with(|_| ());
        project.run(&["init", "--yes"]);
        // Nobody gets such roots from a command; a person with a file manager does.
        for (made, root) in [("one", "a<b>&'c'"), ("two", "svg onload=alert(1)"), ("three", "\"quoted\"")] {
            project.run(&["create", made, "--type", "blob_bank"]);
            let folder = project.path("assets").join(root);
            fs::rename(project.path("assets").join(made), &folder).unwrap();
            let registry = project.path("assets/.prometeu/index.json");
            let text = fs::read_to_string(&registry).unwrap();
            fs::write(&registry, text.replace(&json!(made).to_string(), &json!(root).to_string())).unwrap();
            let file = folder.join("asset.json");
            let mut declaration: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
            declaration["name"] = json!(NAME);
            fs::write(&file, declaration.to_string()).unwrap();
            fs::write(folder.join("data.txt"), NAME).unwrap();
        }
        project.run(&["pack", "--report", "report.html"]);
        let mut page = browser.page(DESK, false);
        page.open(&project.path("report.html"), "");
        assert_eq!(page.eval("document.title"), "example-game: pack report");
        assert_eq!(
            page.eval(
                "[document.scripts.length, document.querySelectorAll('img, script[src], iframe, svg').length]"
            ),
            json!([2, 0])
        );
        let data = "JSON.parse(document.querySelector('#prometeu-report').textContent).assets[0].asset_name";
        assert_eq!(page.eval(data), NAME);
        assert!(roots(&mut page).contains(&"a<b>&'c'".to_owned()));
        assert_eq!(page.problems(), Vec::<String>::new());
    });
}
