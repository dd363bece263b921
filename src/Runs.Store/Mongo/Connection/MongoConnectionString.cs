using System.Net;
using System.Net.Security;
using System.Text.RegularExpressions;
using MongoDB.Driver;
using MongoDB.Driver.Core.Configuration;

namespace Runs.Store.Mongo;

/// <summary>
/// A validated MongoDB connection string. It contains a password: neither this class nor its error messages expose the
/// string.
/// </summary>
public sealed partial class MongoConnectionString
{
    /// <summary>The setting that holds the connection string.</summary>
    public const string SettingName = "ConnectionStrings:MongoDb";

    private const string CaFileOption = "tlsCAFile";

    private readonly string _text;
    private readonly ConnectionString _options;

    private MongoConnectionString(string text)
    {
        (_text, _options) = (text, new ConnectionString(text));
        if (_options.DatabaseName?.Contains('@', StringComparison.Ordinal) ?? false)
        {
            throw new FormatException(); // user:12/34@host is parsed as the server "user", with the rest of the password as a database
        }

        if (_options.Scheme == ConnectionStringScheme.MongoDB)
        {
            // Validates the credential and the combination of options. For mongodb+srv:// this would query DNS.
            _ = MongoClientSettings.FromConnectionString(text);
        }
    }

    /// <summary>
    /// The file of <c>tlsCAFile</c>, an option that the driver does not support; null without the option.
    /// </summary>
    public string? CaFile => _options.GetOption(CaFileOption);

    /// <summary>Whether connections are encrypted. <c>mongodb+srv://</c> enables it, and options can.</summary>
    public bool UsesTls => _options.Tls ?? false;

    /// <summary>Whether passwords and runs cross a network unencrypted.</summary>
    public bool IsUnencryptedOverNetwork => !UsesTls && !_options.Hosts.All(host => host switch
    {
        DnsEndPoint dns => dns.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(dns.Host, out var address) && IPAddress.IsLoopback(address)),
        IPEndPoint ip => IPAddress.IsLoopback(ip.Address),
        _ => false,
    });

    /// <summary>
    /// Whether the certificates of servers are verified. <c>tlsInsecure=true</c> and <c>sslVerifyCertificate=false</c>
    /// disable it.
    /// </summary>
    public bool VerifiesServerCertificate => !(_options.TlsInsecure ?? false);

    /// <summary>The options that neither the driver nor this class supports. They have no effect.</summary>
    public IReadOnlyList<string> UnknownOptions =>
        [.. _options.AllUnknownOptionNames.Where(name => !name.Equals(CaFileOption, StringComparison.OrdinalIgnoreCase))];

    /// <summary>The database of the connection string; <c>runs</c> by default.</summary>
    internal string DatabaseName => _options.DatabaseName ?? "runs";

    /// <exception cref="InvalidOperationException">
    /// The string is invalid. The message names the setting and the cause, and does not quote the string.
    /// </exception>
    public static MongoConnectionString Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return new MongoConnectionString(text);
        }
        catch (Exception exception) when (IsParseError(exception))
        {
#pragma warning disable MA0054 // without the driver's exception, whose message may quote the password
            throw new InvalidOperationException($"{SettingName} {DescribeError(text)}");
#pragma warning restore MA0054
        }
    }

    /// <summary>
    /// Returns driver settings with shorter timeouts than the driver's defaults, which wait half a minute for a server
    /// and indefinitely for a reply. A caller of this service waits only seconds, so a failure must be reported within
    /// that time. Options of the connection string override these timeouts.
    /// </summary>
    /// <param name="validateServerCertificate">
    /// Verifies the server's certificate; null to trust the authorities that the system trusts.
    /// </param>
    internal MongoClientSettings ToSettings(RemoteCertificateValidationCallback? validateServerCertificate = null)
    {
        var settings = MongoClientSettings.FromConnectionString(_text);
        var second = TimeSpan.FromSeconds(1);
        if (!IsSpecified("serverSelectionTimeout"))
        {
            // Shorter than StoreMonitor's timeout, so that its log contains the driver's cause.
            settings.ServerSelectionTimeout = 4.5 * second;
        }

        if (!IsSpecified("connectTimeout"))
        {
            settings.ConnectTimeout = 5 * second;
        }

        if (!IsSpecified("socketTimeout"))
        {
            settings.SocketTimeout = 30 * second;
        }

        if (!IsSpecified("appName"))
        {
            settings.ApplicationName = "runs";
        }

        if (validateServerCertificate is not null)
        {
            settings.SslSettings = new SslSettings { ServerCertificateValidationCallback = validateServerCertificate };
        }

        return settings;
    }

    // A timeout option has two names: serverSelectionTimeout=5s and serverSelectionTimeoutMS=5000.
    private bool IsSpecified(string option) => _options.AllOptionNames.Any(
        name => name.Equals(option, StringComparison.OrdinalIgnoreCase) || name.Equals($"{option}MS", StringComparison.OrdinalIgnoreCase));

    private static string DescribeError(string text)
    {
        if (!SchemePattern().IsMatch(text))
        {
            return "must begin with mongodb:// or mongodb+srv://.";
        }

        var rest = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
        if (rest.LastIndexOf('@') is var at and >= 0)
        {
            if (!CredentialPattern().IsMatch(rest[..at]))
            {
                return "has a user name and password that are not of the form user:password with special characters percent-encoded: "
                    + "write % as %25, : as %3A, / as %2F, ? as %3F, # as %23, [ as %5B, ] as %5D and @ as %40.";
            }

            rest = rest[(at + 1)..];
        }

        return FindInvalidOption(rest) is { } option
            ? $"has the option {option} with a value that is not valid, or that does not go with the other options."
            : "is not of the form mongodb://user:password@host:port,host:port/database?option=value&option=value.";
    }

    /// <returns>
    /// The name of the first option that the driver rejects together with the hosts and the preceding options.
    /// </returns>
    private static string? FindInvalidOption(string hostsAndOptions)
    {
        var queryStart = hostsAndOptions.IndexOf('?', StringComparison.Ordinal);
        if (queryStart < 0 || !IsValid(hostsAndOptions[..queryStart]))
        {
            return null;
        }

        var end = queryStart;
        do
        {
            var next = hostsAndOptions.IndexOfAny(['&', ';'], end + 1);
            next = next < 0 ? hostsAndOptions.Length : next;
            if (!IsValid(hostsAndOptions[..next]))
            {
                return OptionNamePattern().Match(hostsAndOptions[(end + 1)..next]) is { Success: true } name ? name.Value : null;
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
        catch (Exception exception) when (IsParseError(exception))
        {
            return false;
        }
    }

    private static bool IsParseError(Exception exception) =>
        exception is MongoException or ArgumentException or FormatException or NotSupportedException or OverflowException;

    [GeneratedRegex(@"^mongodb(?:\+srv)?://", RegexOptions.IgnoreCase)]
    private static partial Regex SchemePattern();

    [GeneratedRegex(@"^([^%:/?#\[\]@]|%[0-9A-Fa-f]{2})+(:([^%:/?#\[\]@]|%[0-9A-Fa-f]{2})*)?$")]
    private static partial Regex CredentialPattern();

    [GeneratedRegex(@"^\w+(?==)")]
    private static partial Regex OptionNamePattern();
}
