using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Runs.FaultInjection.Clocks;

[assembly: HostingStartup(typeof(ShiftedClockStartup))]

namespace Runs.FaultInjection.Clocks;

/// <summary>
/// Gives a server the clock of <see cref="ShiftedClock"/>. The framework calls it when the settings of the process name
/// this assembly, before the server registers its own clock.
/// </summary>
internal sealed class ShiftedClockStartup : IHostingStartup
{
    /// <summary>The settings of a server with this clock.</summary>
    /// <param name="file">The file with the difference.</param>
    public static IReadOnlyDictionary<string, string> CreateSettings(string file) => new Dictionary<string, string>
    {
        ["DOTNET_STARTUP_HOOKS"] = typeof(ShiftedClockStartup).Assembly.Location,
        ["ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"] = typeof(ShiftedClockStartup).Assembly.GetName().Name!,
        [ShiftedClock.FileVariable] = file,
    };

    public void Configure(IWebHostBuilder builder)
    {
        if (Environment.GetEnvironmentVariable(ShiftedClock.FileVariable) is { } file)
        {
            builder.ConfigureServices(services => services.AddSingleton<TimeProvider>(new ShiftedClock(file)));
        }
    }
}
