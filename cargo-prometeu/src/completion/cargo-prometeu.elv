# What `cargo prometeu` and `cargo-prometeu` can be followed by, for elvish.
# In rc.elv:  eval (cargo-prometeu completions elvish | slurp)

use str

fn -cargo-prometeu-candidates {|@words|
  var index = (- (count $words) 1)
  var lines = [(try { cargo-prometeu __complete elvish $index -- $@words 2>/dev/null } catch _ { nop })]
  for line $lines {
    var parts = [(str:split &max=2 "\t" $line)]
    var value = $parts[0]
    var end = ' '
    if (or (str:has-suffix $value /) (str:has-suffix $value =)) { set end = '' }
    var display = $value
    if (> (count $parts) 1) { set display = $value' ('$parts[1]')' }
    edit:complex-candidate $value &display=$display &code-suffix=$end
  }
}

set edit:completion:arg-completer[cargo-prometeu] = $-cargo-prometeu-candidates~

var -cargo-before = $nil
if (has-key $edit:completion:arg-completer cargo) {
  set -cargo-before = $edit:completion:arg-completer[cargo]
}

set edit:completion:arg-completer[cargo] = {|@words|
  var at = 1
  while (and (< $at (- (count $words) 1)) (or (str:has-prefix $words[$at] +) (str:has-prefix $words[$at] -))) {
    set at = (+ $at 1)
  }
  if (and (< $at (- (count $words) 1)) (eq $words[$at] prometeu)) {
    -cargo-prometeu-candidates $@words
  } elif (not-eq $-cargo-before $nil) {
    $-cargo-before $@words
  } elif (== $at (- (count $words) 1)) {
    put prometeu
  }
}
