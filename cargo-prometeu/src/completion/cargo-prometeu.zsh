#compdef cargo-prometeu
# What `cargo prometeu` and `cargo-prometeu` can be followed by, for zsh.
# As a file `_cargo-prometeu` in a folder of $fpath, or in ~/.zshrc behind `compinit`:
#     source <(cargo-prometeu completions zsh)
# Cargo's own completion asks a function of this name for the words behind `cargo prometeu`.

_cargo-prometeu() {
    local line value help
    local -a whole open
    for line in "${(@f)$(cargo-prometeu __complete zsh $((CURRENT - 1)) -- "${(@Q)words}" 2>/dev/null)}"; do
        [[ -n $line ]] || continue
        value=${line%%$'\t'*}
        help=${line#*$'\t'}
        if [[ $value == *[=/] ]]; then
            open+=("${value//:/\\:}:$help")
        else
            whole+=("${value//:/\\:}:$help")
        fi
    done
    local found=1
    (( $#whole )) && _describe -V 'cargo prometeu' whole && found=0
    (( $#open )) && _describe -V 'cargo prometeu' open -S '' && found=0
    return found
}

# Where cargo has no completion of its own.
_cargo_prometeu_of_cargo() {
    local at=2
    while (( at < CURRENT )) && [[ ${words[at]} == [+-]* ]]; do
        (( at++ ))
    done
    if (( at < CURRENT )) && [[ ${words[at]} == prometeu ]]; then
        _cargo-prometeu
    else
        _default
    fi
}

if [[ ${funcstack[1]} == _cargo-prometeu ]]; then
    _cargo-prometeu "$@"
elif (( $+functions[compdef] )); then
    compdef _cargo-prometeu cargo-prometeu
    (( $+_comps[cargo] )) || compdef _cargo_prometeu_of_cargo cargo
fi
