using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;
using Runs.ContractGenerator;

namespace Runs.Tests.Contracts.Messages;

/// <summary>The package for other services is complete, and depends on the serializer of .NET only.</summary>
public sealed class ContractPackageTests : IDisposable
{
    private static readonly string Project = Path.Combine(Repository.Root, "src/Runs.Contracts");

    private readonly DirectoryInfo _output = Directory.CreateTempSubdirectory("runs-package-");

    [Fact]
    public async Task The_package_contains_types_XML_documentation_schemas_and_readme()
    {
        await Pack();

        using var package = await ZipFile.OpenReadAsync(_output.GetFiles("Runs.Contracts.*.nupkg").Single().FullName);
        var files = package.Entries.Select(entry => entry.FullName).ToList();
        string[] expected = ["lib/net10.0/Runs.Contracts.dll", "lib/net10.0/Runs.Contracts.xml", "README.md", "contract/asyncapi.yaml"];
        Assert.Empty(expected.Concat(ContractMessages.All.Select(message => $"contract/{message.SchemaFile}")).Except(files));
        await using var description = await package.GetEntry("Runs.Contracts.nuspec")!.OpenAsync();
        var metadata = XDocument.Load(description).Root!.Elements().Single();
        Assert.Equal("MIT", Value("license"));
        Assert.Equal("README.md", Value("readme"));
        Assert.NotEmpty(Value("description"));
        // .NET 8 has an older serializer.
        var dependency = Assert.Single(metadata.Descendants(), element => element.Name.LocalName == "dependency");
        Assert.Equal("System.Text.Json", dependency.Attribute("id")!.Value);
        Assert.Equal("net8.0", dependency.Parent!.Attribute("targetFramework")!.Value);

        string Value(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;
    }

    [Fact]
    public async Task The_package_readme_lists_every_message_and_its_exchange()
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(Project, "README.md"));

        Assert.All(ContractMessages.All, message =>
        {
            var exchange = message.Kind == MessageKind.Reply ? "" : $"`{message.Exchange}` ";
            Assert.Contains(lines, line => line.StartsWith($"| `{message.Name}` | {exchange}|", StringComparison.Ordinal));
        });
    }

    public void Dispose() => _output.Delete(recursive: true);

    // Packs the build that these tests run on.
    private async Task Pack()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var start = new ProcessStartInfo("dotnet", ["pack", Project, "--no-build", "--nologo", "-c", configuration, "-o", _output.FullName])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var pack = Process.Start(start)!;
        var output = await Task.WhenAll(pack.StandardOutput.ReadToEndAsync(), pack.StandardError.ReadToEndAsync());
        await pack.WaitForExitAsync();
        Assert.True(pack.ExitCode == 0, string.Concat(output));
    }
}
