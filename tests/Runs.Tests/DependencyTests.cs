extern alias package;

using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Runs.Api;
using Runs.Client;
using Runs.ContractGenerator;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Server;
using Runs.Store;

namespace Runs.Tests;

/// <summary>Which project references which, and where the drivers of the databases are used.</summary>
public sealed partial class DependencyTests
{
    private static readonly string Source = Path.Combine(Repository.Root, "src");

    private static readonly Dictionary<string, Assembly> Projects = new()
    {
        ["Contracts"] = typeof(CreateRun).Assembly,
        ["Validation"] = typeof(CreateRunValidator).Assembly,
        ["ContractGenerator"] = typeof(ContractFiles).Assembly,
        ["Store"] = typeof(IRunStore).Assembly,
        ["Lifecycle"] = typeof(LifecycleServiceCollectionExtensions).Assembly,
        ["Api"] = typeof(RunEndpoints).Assembly,
        ["Server"] = typeof(ServerBuilder).Assembly,
        ["Client"] = typeof(RunsClient).Assembly,
        ["Worker"] = typeof(package::Runs.Worker.RunsWorkerBuilder).Assembly,
        ["Testing"] = typeof(Testing.RunsTestServer).Assembly,
    };

    // The table of docs/architecture.md: of each project, what it may reference.
    private static readonly Dictionary<string, string> Table =
        ProjectRow().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs/architecture.md")))
            .ToDictionary(row => row.Groups["project"].Value, row => row.Groups["allowed"].Value);

    [Fact]
    public void The_table_of_the_architecture_has_every_project()
    {
        var folders = Directory.EnumerateDirectories(Source).Select(folder => Path.GetFileName(folder)["Runs.".Length..]).ToHashSet();

        Assert.Equal(folders, Table.Keys.ToHashSet());
        Assert.Equal(folders, Projects.Keys.ToHashSet());
    }

    [Theory]
    [InlineData("Contracts", "nothing but .NET")]
    [InlineData("Validation", "Contracts")]
    [InlineData("ContractGenerator", "Contracts, Validation, YamlDotNet")]
    [InlineData("Store", "Contracts, Validation")]
    [InlineData("Lifecycle", "Contracts, Validation, Store, MassTransit")]
    [InlineData("Api", "Contracts, Validation, Store, MassTransit")]
    [InlineData("Client", "Contracts")]
    [InlineData("Worker", "Contracts, Client")]
    [InlineData("Testing", "all except ContractGenerator, Validation")]
    [InlineData("Server", "all except ContractGenerator, Client, Worker")]
    public void A_project_references_only_what_the_table_of_the_architecture_allows(string project, string allowed)
    {
        Assert.Equal(allowed, Table[project]);
        string[] names = allowed switch
        {
            "nothing but .NET" => [],
            "all except ContractGenerator, Validation" =>
                ["Contracts", "Store", "Lifecycle", "Api", "Client", "Worker", "Server", "MassTransit"],
            "all except ContractGenerator, Client, Worker" => ["Contracts", "Validation", "Store", "Lifecycle", "Api", "MassTransit"],
            _ => allowed.Split(", "),
        };

        var references = GetReferences(Projects[project])
            .Select(name => name.Split('.'))
            .Where(parts => parts[0] is "Runs" or "MassTransit")
            .Select(parts => parts[0] == "Runs" ? parts[1] : parts[0]);

        Assert.Empty(references.Except(names));
    }

    [Fact]
    public void Contracts_reference_only_the_framework() =>
        Assert.All(GetReferences(Projects["Contracts"]), name => Assert.StartsWith("System", name, StringComparison.Ordinal));

    [Fact]
    public void Validation_references_only_the_framework_and_Contracts() => Assert.All(
        GetReferences(Projects["Validation"]),
        name => Assert.True(name == "Runs.Contracts" || name.StartsWith("System", StringComparison.Ordinal), name));

    [Fact]
    public void The_contract_generator_references_only_the_framework_contracts_validation_and_YAML() => Assert.All(
        GetReferences(Projects["ContractGenerator"]),
        name => Assert.True(
            name is "Runs.Contracts" or "Runs.Validation" or "YamlDotNet" || name.StartsWith("System", StringComparison.Ordinal),
            name));

    [Fact]
    public void No_project_references_the_contract_generator() => Assert.DoesNotContain(
        Directory.EnumerateFiles(Source, "*.csproj", SearchOption.AllDirectories),
        file => File.ReadAllText(file).Contains("Runs.ContractGenerator.csproj", StringComparison.Ordinal));

    [Fact]
    public void Contracts_expose_their_internals_to_no_assembly() =>
        Assert.Empty(Projects["Contracts"].GetCustomAttributes<InternalsVisibleToAttribute>());

    [Theory]
    [InlineData("MongoDB", "Store")]
    [InlineData("Sqlite", "Store")]
    [InlineData("RabbitMq", "Server")]
    public void Only_one_project_references_a_database_driver_or_the_broker(string part, string project) => Assert.Equal(
        [project],
        Projects.Where(entry => GetReferences(entry.Value).Any(name => name.Contains(part, StringComparison.OrdinalIgnoreCase)))
            .Select(entry => entry.Key));

    /// <summary>
    /// The registration of the services is a part of these folders, too. The elements that a record does not know are
    /// the exception: no other type than that of BSON keeps them unchanged.
    /// </summary>
    [Theory]
    [InlineData("Mongo", @"\bMongoDB\.\w")]
    [InlineData("Sqlite", @"\b(Microsoft\.Data\.Sqlite|SQLitePCL)\b")]
    public void The_store_uses_a_database_driver_in_one_folder_only(string folder, string driverNamespace)
    {
        var store = Path.Combine(Source, "Runs.Store");
        var users = Directory.EnumerateFiles(store, "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) is not ("StoredRecord.cs" or "Run.cs"))
            .Where(file => Regex.IsMatch(File.ReadAllText(file), driverNamespace))
            .Select(file => Path.GetRelativePath(store, file).Split(Path.DirectorySeparatorChar)[0]);

        Assert.Equal([folder], users.Distinct());
        Assert.DoesNotMatch($"<Using [^>]*{driverNamespace}", File.ReadAllText(Path.Combine(store, "Runs.Store.csproj")));
    }

    private static IEnumerable<string> GetReferences(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Select(reference => reference.Name!);

    [GeneratedRegex(@"^\| \[Runs\.(?<project>\w+)\]\(\.\./src/.*\| (?<allowed>[^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex ProjectRow();
}
