//! Lines over axes, as SVG that can be read on white and on black.

use std::fmt::Write as _;

/// Width and height of one panel, and what is around its axes: left, top, right, bottom.
const PANEL: (f64, f64) = (440.0, 300.0);
const AROUND: (f64, f64, f64, f64) = (56.0, 36.0, 96.0, 44.0);

/// Colours that people who see few of them can still tell apart (by Okabe and Ito).
const COLORS: [&str; 4] = ["#999999", "#0072b2", "#d55e00", "#009e73"];

/// What grows, along what.
#[derive(Debug)]
pub struct Panel {
    /// What the panel is about.
    pub title: &'static str,
    /// The unit of the horizontal axis.
    pub across: &'static str,
    /// The unit of the vertical axis.
    pub up: &'static str,
    /// In the order in which they are told.
    pub lines: Vec<Line>,
}

/// A line through points.
#[derive(Debug)]
pub struct Line {
    /// What stands at its end.
    pub name: String,
    /// Across and up, from left to right; nothing is negative.
    pub points: Vec<(f64, f64)>,
}

/// Panels beside each other.
#[must_use]
pub fn picture(panels: &[Panel]) -> String {
    let width = PANEL.0 * f64::from(u32::try_from(panels.len()).unwrap_or(1));
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {}\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"#808080\">\n",
        PANEL.1
    );
    for (n, panel) in (0_u32..).zip(panels) {
        let _ = writeln!(text, "<g transform=\"translate({} 0)\">", f64::from(n) * PANEL.0);
        draw(&mut text, panel);
        text += "</g>\n";
    }
    text + "</svg>\n"
}

fn draw(text: &mut String, panel: &Panel) {
    let (left, top, right, bottom) = AROUND;
    let (width, height) = (PANEL.0 - left - right, PANEL.1 - top - bottom);
    let all = || panel.lines.iter().flat_map(|line| line.points.iter().copied());
    let most = |of: fn((f64, f64)) -> f64| round_up(all().map(of).fold(0.0, f64::max));
    let (most_x, most_y) = (most(|(x, _)| x), most(|(_, y)| y));
    let at = |(x, y): (f64, f64)| (left + x / most_x * width, top + height - y / most_y * height);

    let _ = writeln!(text, "<text x=\"{left}\" y=\"20\" font-weight=\"bold\">{}</text>", panel.title);
    for quarter in 0..=4 {
        let part = f64::from(quarter) / 4.0;
        let (x, y) = at((most_x * part, most_y * part));
        let (end, foot) = (left + width, top + height);
        let _ = writeln!(
            text,
            "<path d=\"M{left:.1} {y:.1}H{end:.1}\" stroke=\"#808080\" stroke-opacity=\"0.3\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            left - 6.0,
            y + 4.0,
            short(most_y * part),
            foot + 16.0,
            short(most_x * part),
        );
    }
    let _ = writeln!(
        text,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text><text x=\"6\" y=\"{:.1}\">{}</text>",
        left + width / 2.0,
        top + height + 34.0,
        panel.across,
        top + 4.0,
        panel.up
    );
    let paths: Vec<Vec<(f64, f64)>> =
        panel.lines.iter().map(|line| line.points.iter().copied().map(at).collect()).collect();
    let names = spread(&paths.iter().filter_map(|path| path.last().map(|(_, y)| *y)).collect::<Vec<f64>>());
    let drawn =
        panel.lines.iter().zip(&paths).zip(COLORS.iter().cycle()).filter(|((_, path), _)| !path.is_empty());
    for (((line, path), color), y) in drawn.zip(names) {
        let x = path.last().map_or(0.0, |(x, _)| *x);
        let path: Vec<String> = path.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(
            text,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"{color}\">{}</text>",
            path.join(" "),
            x + 6.0,
            y + 4.0,
            line.name
        );
    }
}

/// Where the names of lines stand that end at these heights: each at its own, and those of lines that end together
/// one below the other, in the order in which they end.
fn spread(ends: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ends.len()).collect();
    order.sort_by(|one, other| ends[*one].total_cmp(&ends[*other]));
    let mut names = ends.to_vec();
    let mut free = f64::NEG_INFINITY;
    for n in order {
        names[n] = names[n].max(free);
        free = names[n] + 14.0;
    }
    names
}

/// A number of at most three decimals, and none that says nothing.
fn short(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The next number that reads well as the end of an axis.
fn round_up(number: f64) -> f64 {
    let power = 10_f64.powf(number.max(1e-9).log10().floor());
    let steps = [1.0, 2.0, 4.0, 6.0, 8.0, 10.0];
    steps.into_iter().map(|step| step * power).find(|step| *step >= number).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_a_number_that_reads_well() {
        for (number, end) in [(0.7, 0.8), (1.0, 1.0), (33.0, 40.0), (61.0, 80.0), (1_900.0, 2_000.0)] {
            assert!((round_up(number) - end).abs() < 1e-9, "{number} {}", round_up(number));
        }
    }

    #[test]
    fn numbers_beside_an_axis_are_short() {
        assert_eq!([0.1 + 0.2, 20.0, 0.75, 0.0].map(short), ["0.3", "20", "0.75", "0"]);
    }

    #[test]
    fn names_stand_in_the_order_of_the_ends_of_their_lines() {
        assert_eq!(spread(&[50.0, 90.0, 45.0, 200.0]), [59.0, 90.0, 45.0, 200.0]);
    }

    #[test]
    fn lines_that_end_together_have_names_that_can_be_read() {
        let line = |name: &str| Line { name: name.to_owned(), points: vec![(0.0, 0.0), (4.0, 2.0)] };
        let lines = vec![line("one"), line("two")];
        let svg = picture(&[Panel { title: "both", across: "x", up: "y", lines }]);
        let height = |name: &str| {
            let (before, _) = svg.split_once(&format!(">{name}</text>")).unwrap();
            let (_, y) = before.rsplit_once(" y=\"").unwrap();
            y.split('"').next().unwrap().parse::<f64>().unwrap()
        };
        assert!((height("one") - height("two")).abs() >= 14.0);
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert_eq!(svg.matches("<polyline").count(), 2);
    }
}
