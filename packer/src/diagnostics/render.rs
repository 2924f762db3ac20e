//! Diagnostics as text, drawn the way the compiler draws its own.
