# What `cargo prometeu` and `cargo-prometeu` can be followed by, for bash.
# In ~/.bashrc:  source <(cargo-prometeu completions bash)

_cargo_prometeu() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(cargo-prometeu __complete bash "$COMP_CWORD" -- "${COMP_WORDS[@]}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

# Behind `cargo prometeu` the words are ours; all others are whoever's completed cargo before.
_cargo_prometeu_of_cargo() {
    local at=1
    while [[ $at -lt $COMP_CWORD && ${COMP_WORDS[at]} == [+-]* ]]; do
        at=$((at + 1))
    done
    if [[ $at -lt $COMP_CWORD && ${COMP_WORDS[at]} == prometeu ]]; then
        _cargo_prometeu "$@"
    elif [[ -n $_cargo_prometeu_before ]]; then
        "$_cargo_prometeu_before" "$@"
    elif [[ $at -eq $COMP_CWORD ]]; then
        COMPREPLY=($(compgen -W prometeu -- "${COMP_WORDS[COMP_CWORD]}"))
    fi
}

complete -F _cargo_prometeu cargo-prometeu

# What is loaded on first use is loaded now: it would take our place later.
if ! complete -p cargo &>/dev/null; then
    if declare -F _comp_load >/dev/null; then
        _comp_load cargo &>/dev/null
    elif declare -F _completion_loader >/dev/null; then
        _completion_loader cargo &>/dev/null
    fi
fi
_cargo_prometeu_found=$(complete -p cargo 2>/dev/null)
if [[ $_cargo_prometeu_found != *_cargo_prometeu_of_cargo* ]]; then
    _cargo_prometeu_before=
    if [[ $_cargo_prometeu_found =~ ' -F '([^ ]+) ]]; then
        _cargo_prometeu_before=${BASH_REMATCH[1]}
    fi
    if [[ $_cargo_prometeu_before == _minimal || $_cargo_prometeu_before == _comp_complete_minimal ]]; then
        _cargo_prometeu_before=
    fi
    complete -o default -o bashdefault -F _cargo_prometeu_of_cargo cargo
fi
unset _cargo_prometeu_found
