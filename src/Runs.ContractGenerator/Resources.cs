namespace Runs.ContractGenerator;

/// <summary>The texts that are embedded in the assembly.</summary>
internal static class Resources
{
    /// <summary>Returns the text without trailing white space.</summary>
    public static string ReadText(string name)
    {
        var stream = typeof(Resources).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} does not exist.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().TrimEnd();
    }
}
