using System.Diagnostics.CodeAnalysis;

namespace Runs.Store;

/// <summary>Finds time zones by their IANA names, in the data of the host.</summary>
public static class TimeZones
{
    // A zone that every installation of the data has, and that is not a constant of .NET.
    private const string Probe = "Europe/Berlin";

    /// <summary>Whether this host has time zone data.</summary>
    public static bool HasData => TryFind(Probe, out _);

    /// <summary>Finds a zone. False when the name is not an IANA name or the host does not have the zone.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out TimeZoneInfo? zone)
    {
        zone = null;
        return IsName(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone) && zone.HasIanaId;
    }

    // The data has copies of all zones under posix/ and, with leap seconds, under right/. The host's own zone has the
    // name localtime.
    private static bool IsName(string name) =>
        name.Length > 0
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '/' or '_' or '+' or '-')
        && !name.StartsWith("posix/", StringComparison.OrdinalIgnoreCase)
        && !name.StartsWith("right/", StringComparison.OrdinalIgnoreCase)
        && !name.Equals("localtime", StringComparison.OrdinalIgnoreCase);
}
