using Runs.ContractGenerator;

if (args is not ["write", var directory])
{
    await Console.Error.WriteLineAsync("Usage: Runs.ContractGenerator write <directory of Runs.Contracts>");
    return 2;
}

foreach (var (path, content) in ContractFiles.Generate())
{
    var file = Path.Combine(directory, path);
    if (!File.Exists(file) || await File.ReadAllTextAsync(file) != content)
    {
        await File.WriteAllTextAsync(file, content);
        await Console.Out.WriteLineAsync($"Wrote {file}");
    }
}

return 0;
