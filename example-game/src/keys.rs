//! Keys of a terminal as an [`Input`] for each tick.
//!
//! Some terminals say when a key is let go: then a key works for as long as it is down. Most only
//! say that it was pressed: then a direction key sets Wick walking, and the other one, or down,
//! ends it.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::hero::Input;

/// Ticks for which a hop key counts as down where nobody says that it was let go.
const HOP: u32 = 8;

/// What a key asks of the game, beyond walking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// To walk, hop or stand.
    Play,
    /// To begin again.
    Restart,
    /// To leave.
    Quit,
}

/// The keys that are down, as far as one can know.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    tells_releases: bool,
    held: Input,
    hop_ticks: u32,
}

impl Keys {
    pub(crate) fn new(tells_releases: bool) -> Self {
        Self { tells_releases, ..Self::default() }
    }

    /// Takes in one key; `None` when it means nothing here.
    pub(crate) fn take(&mut self, key: KeyEvent) -> Option<Wish> {
        let down = key.kind != KeyEventKind::Release;
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return (down && key.code == KeyCode::Char('c')).then_some(Wish::Quit);
        }
        let code =
            if let KeyCode::Char(c) = key.code { KeyCode::Char(c.to_ascii_lowercase()) } else { key.code };
        match code {
            KeyCode::Char('q') | KeyCode::Esc => return down.then_some(Wish::Quit),
            KeyCode::Char('r') => return down.then_some(Wish::Restart),
            KeyCode::Left | KeyCode::Char('a') => self.walk(down, true),
            KeyCode::Right | KeyCode::Char('d') => self.walk(down, false),
            KeyCode::Down | KeyCode::Char('s') => (self.held.left, self.held.right) = (false, false),
            KeyCode::Up | KeyCode::Char('w' | ' ') => {
                self.held.hop = down;
                self.hop_ticks = HOP;
            }
            _ => return None,
        }
        down.then_some(Wish::Play)
    }

    fn walk(&mut self, down: bool, left: bool) {
        let (this, other) = match left {
            true => (&mut self.held.left, &mut self.held.right),
            false => (&mut self.held.right, &mut self.held.left),
        };
        *this = down;
        *other &= !down;
    }

    /// The input of the next tick.
    pub(crate) fn press(&mut self) -> Input {
        let input = self.held;
        self.hop_ticks = self.hop_ticks.saturating_sub(1);
        if !self.tells_releases && self.hop_ticks == 0 {
            self.held.hop = false;
        }
        input
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(code: KeyCode) -> KeyEvent {
        KeyEvent::new(code, KeyModifiers::NONE)
    }

    fn released(code: KeyCode) -> KeyEvent {
        KeyEvent::new_with_kind(code, KeyModifiers::NONE, KeyEventKind::Release)
    }

    #[test]
    fn without_releases_a_direction_stays_until_the_next() {
        let mut keys = Keys::new(false);
        assert_eq!(keys.take(pressed(KeyCode::Right)), Some(Wish::Play));
        assert!((0..100).all(|_| keys.press().right));
        keys.take(pressed(KeyCode::Left));
        assert_eq!(keys.press(), Input { left: true, right: false, hop: false });
        keys.take(pressed(KeyCode::Down));
        assert_eq!(keys.press(), Input::default());
    }

    #[test]
    fn without_releases_a_hop_ends_by_itself() {
        let mut keys = Keys::new(false);
        keys.take(pressed(KeyCode::Char(' ')));
        assert!(keys.press().hop);
        assert!((0..HOP).any(|_| !keys.press().hop));
    }

    #[test]
    fn with_releases_a_key_works_while_it_is_down() {
        let mut keys = Keys::new(true);
        keys.take(pressed(KeyCode::Char('D')));
        keys.take(pressed(KeyCode::Up));
        assert!((0..100).all(|_| keys.press() == Input { left: false, right: true, hop: true }));
        assert_eq!(keys.take(released(KeyCode::Char('d'))), None);
        keys.take(released(KeyCode::Up));
        assert_eq!(keys.press(), Input::default());
    }

    #[test]
    fn there_are_three_ways_to_leave() {
        let mut keys = Keys::new(false);
        let control_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        for key in [pressed(KeyCode::Char('q')), pressed(KeyCode::Esc), control_c] {
            assert_eq!(keys.take(key), Some(Wish::Quit));
        }
        assert_eq!(keys.take(pressed(KeyCode::Char('z'))), None);
    }
}
