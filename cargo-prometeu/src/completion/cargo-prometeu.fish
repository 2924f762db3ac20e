# What `cargo prometeu` and `cargo-prometeu` can be followed by, for fish.
# As a file:  cargo-prometeu completions fish > ~/.config/fish/conf.d/cargo-prometeu.fish
# (A file in `completions/` is read when its own command is typed, and `cargo` is another one.)

function __cargo_prometeu_candidates
    set -l before (commandline --current-process --tokenize --cut-at-cursor)
    set -l current (commandline --current-token --cut-at-cursor)
    cargo-prometeu __complete fish (count $before) -- $before "$current" 2>/dev/null
end

function __cargo_prometeu_is_meant
    set -l before (commandline --current-process --tokenize --cut-at-cursor)
    for word in $before[2..]
        switch $word
            case '+*' '-*'
                continue
            case prometeu
                return 0
            case '*'
                return 1
        end
    end
    return 1
end

complete --command cargo-prometeu --no-files --keep-order --arguments '(__cargo_prometeu_candidates)'
complete --command cargo --condition __cargo_prometeu_is_meant --no-files --keep-order --arguments '(__cargo_prometeu_candidates)'
