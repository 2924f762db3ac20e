//! A moment of the garden as a PNG file.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;

use crate::canvas::Canvas;

/// Each pixel of the canvas becomes a square of so many pixels, so that screens show it large.
const SCALE: u8 = 3;

/// Writes the canvas to a file, and the folders above it.
pub(crate) fn write(canvas: &Canvas, path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let side = |pixels: i32| u32::try_from(pixels).unwrap_or_default() * u32::from(SCALE);
    let file = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(file, side(canvas.width()), side(canvas.height()));
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header()?;
    let mut bytes = Vec::new();
    for row in canvas.rows() {
        let line: Vec<u8> = row.iter().flat_map(|pixel| [*pixel; SCALE as usize]).flatten().collect();
        for _ in 0..SCALE {
            bytes.extend_from_slice(&line);
        }
    }
    writer.write_image_data(&bytes)?;
    writer.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_holds_the_canvas_three_times_as_large() {
        let path = std::env::temp_dir().join(format!("lanternlight-{}", std::process::id())).join("a.png");
        write(&Canvas::new(5, 4), &path).unwrap();
        let reader = png::Decoder::new(io::BufReader::new(File::open(&path).unwrap())).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (15, 12));
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
}
