using System.Net;
using System.Net.Security;
using System.Text.RegularExpressions;
using MongoDB.Driver;
using MongoDB.Driver.Core.Configuration;

namespace Runs.Store.Mongo;

/// <summary>
/// A MongoDB connection string that has been checked. It holds a password: neither this nor any message of it shows the string.
/// </summary>
public sealed partial class MongoConnectionString
{
    /// <summary>The setting that holds the connection string.</summary>
    public const string Setting = "ConnectionStrings:MongoDb";

    private const string CaFileOption = "tlsCAFile";

    private readonly string _text;
    private readonly ConnectionString _options;

    private MongoConnectionString(string text)
    {
        (_text, _options) = (text, new ConnectionString(text));
        if (_options.DatabaseName?.Contains('@', StringComparison.Ordinal) ?? false)
        {
            throw new FormatException(); // user:12/34@host would be the server "user", and the rest of the password a database
        }

        if (_options.Scheme == ConnectionStringScheme.MongoDB)
        {
            // Checks the credential and how the options go together. For mongodb+srv:// it would ask the DNS.
            _ = MongoClientSettings.FromConnectionString(text);
        }
    }

    /// <summary>The file of <c>tlsCAFile</c>, which the driver does not know; null without the option.</summary>
    public string? CaFile => _options.GetOption(CaFileOption);

    /// <summary>Whether connections are encrypted. Options may turn it on, and <c>mongodb+srv://</c> does.</summary>
    public bool UsesTls => _options.Tls ?? false;

    /// <summary>Whether passwords and runs cross a network unencrypted.</summary>
    public bool IsPlainBeyondLoopback => !UsesTls && !_options.Hosts.All(host => host switch
    {
        DnsEndPoint named => named.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(named.Host, out var address) && IPAddress.IsLoopback(address)),
        IPEndPoint numbered => IPAddress.IsLoopback(numbered.Address),
        _ => false,
    });

    /// <summary>Whether servers' certificates are verified. <c>tlsInsecure=true</c> and <c>sslVerifyCertificate=false</c> turn that off.</summary>
    public bool VerifiesServer => !(_options.TlsInsecure ?? false);

    /// <summary>The options that neither the driver nor this class knows. They have no effect.</summary>
    public IReadOnlyList<string> UnknownOptions =>
        [.. _options.AllUnknownOptionNames.Where(name => !name.Equals(CaFileOption, StringComparison.OrdinalIgnoreCase))];

    /// <summary>The database that the string names, or <c>runs</c>.</summary>
    internal string DatabaseName => _options.DatabaseName ?? "runs";

    /// <exception cref="InvalidOperationException">
    /// The string is not valid. The message names the setting and the cause, and does not quote the string.
    /// </exception>
    public static MongoConnectionString Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return new MongoConnectionString(text);
        }
        catch (Exception exception) when (IsRefusal(exception))
        {
            throw new InvalidOperationException($"{Setting} {CauseOf(text)}"); // the driver's message may quote the password
        }
    }

    /// <summary>
    /// The driver's defaults wait half a minute for a server and for ever for an answer. A caller of this service waits seconds, so a failure is
    /// reported while the caller still waits. Options of the string win over these defaults.
    /// </summary>
    /// <param name="verify">Verifies the server's certificate; null to trust what the system trusts.</param>
    internal MongoClientSettings ToSettings(RemoteCertificateValidationCallback? verify = null)
    {
        var settings = MongoClientSettings.FromConnectionString(_text);
        var seconds = TimeSpan.FromSeconds(1);
        if (!Has("serverSelectionTimeout"))
        {
            settings.ServerSelectionTimeout = 4.5 * seconds; // before StoreProbe gives up, whose log would lack the driver's cause
        }

        if (!Has("connectTimeout"))
        {
            settings.ConnectTimeout = 5 * seconds;
        }

        if (!Has("socketTimeout"))
        {
            settings.SocketTimeout = 30 * seconds;
        }

        if (!Has("appName"))
        {
            settings.ApplicationName = "runs";
        }

        if (verify is not null)
        {
            settings.SslSettings = new SslSettings { ServerCertificateValidationCallback = verify };
        }

        return settings;
    }

    // A time has two names: serverSelectionTimeout=5s and serverSelectionTimeoutMS=5000.
    private bool Has(string option) => _options.AllOptionNames.Any(
        name => name.Equals(option, StringComparison.OrdinalIgnoreCase) || name.Equals($"{option}MS", StringComparison.OrdinalIgnoreCase));

    private static string CauseOf(string text)
    {
        if (!Scheme().IsMatch(text))
        {
            return "must begin with mongodb:// or mongodb+srv://.";
        }

        var rest = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
        if (rest.LastIndexOf('@') is var at and >= 0)
        {
            if (!Credential().IsMatch(rest[..at]))
            {
                return "has a user name and password that are not of the form user:password with special characters percent-encoded: "
                    + "write % as %25, : as %3A, / as %2F, ? as %3F, # as %23, [ as %5B, ] as %5D and @ as %40.";
            }

            rest = rest[(at + 1)..];
        }

        return WrongOption(rest) is { } option
            ? $"has the option {option} with a value that is not valid, or that does not go with the other options."
            : "is not of the form mongodb://user:password@host:port,host:port/database?option=value&option=value.";
    }

    /// <returns>The name of the first option that the driver refuses with the hosts and the options before it.</returns>
    private static string? WrongOption(string hostsAndOptions)
    {
        var question = hostsAndOptions.IndexOf('?', StringComparison.Ordinal);
        if (question < 0 || !IsValid(hostsAndOptions[..question]))
        {
            return null;
        }

        var end = question;
        do
        {
            var next = hostsAndOptions.IndexOfAny(['&', ';'], end + 1);
            next = next < 0 ? hostsAndOptions.Length : next;
            if (!IsValid(hostsAndOptions[..next]))
            {
                return OptionName().Match(hostsAndOptions[(end + 1)..next]) is { Success: true } name ? name.Value : null;
            }

            end = next;
        }
        while (end < hostsAndOptions.Length);

        return null;
    }

    private static bool IsValid(string hostsAndOptions)
    {
        try
        {
            _ = new ConnectionString($"mongodb://{hostsAndOptions}");
            return true;
        }
        catch (Exception exception) when (IsRefusal(exception))
        {
            return false;
        }
    }

    private static bool IsRefusal(Exception exception) =>
        exception is MongoException or ArgumentException or FormatException or NotSupportedException or OverflowException;

    [GeneratedRegex(@"^mongodb(\+srv)?://", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"^([^%:/?#\[\]@]|%[0-9A-Fa-f]{2})+(:([^%:/?#\[\]@]|%[0-9A-Fa-f]{2})*)?$")]
    private static partial Regex Credential();

    [GeneratedRegex(@"^\w+(?==)")]
    private static partial Regex OptionName();
}
