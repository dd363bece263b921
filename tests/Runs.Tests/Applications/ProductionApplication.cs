namespace Runs.Tests.Applications;

/// <summary>The embedded default in the environment <c>Production</c>, which has no development key.</summary>
public sealed class ProductionApplication : EmbeddedApplication
{
    protected override string Environment => "Production";
}
