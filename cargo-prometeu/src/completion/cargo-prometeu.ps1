# What `cargo prometeu` and `cargo-prometeu` can be followed by, for PowerShell.
# In $PROFILE:  cargo-prometeu completions powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName 'cargo-prometeu', 'cargo' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text } })
    if ($words.Count -eq 0) { return }
    $first = @($words | Select-Object -Skip 1 | Where-Object { $_ -notmatch '^[+-]' })
    $command = [System.IO.Path]::GetFileNameWithoutExtension($words[0])
    if ($command -eq 'cargo' -and ($first.Count -eq 0 -or $first[0] -ne 'prometeu')) { return }
    # An empty last argument would get lost on the way to a program.
    & cargo-prometeu __complete powershell $words.Count -- @words "=$wordToComplete" 2>$null | ForEach-Object {
        $value, $help = $_ -split "`t", 2
        if (-not $help) { $help = $value }
        $text = if ($value -match "[\s'``$();&|{}]") { "'" + ($value -replace "'", "''") + "'" } else { $value }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $help)
    }
}
