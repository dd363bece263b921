using System.Net;
using System.Security.Authentication;
using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Clusters;
using MongoDB.Driver.Core.Configuration;
using MongoDB.Driver.Core.Servers;

namespace Runs.Store.Mongo;

/// <summary>Diagnoses a connection string from the servers' replies and the driver's failures.</summary>
internal static class MongoConnectionAdvice
{
    /// <summary>
    /// Returns how to change the connection string so that failed calls may succeed; null when nothing is known to be
    /// wrong with it.
    /// </summary>
    /// <param name="failure">The exception of the driver.</param>
    /// <param name="database">The database that the connection string names.</param>
    public static string? ForFailure(Exception failure, IMongoDatabase database) =>
        ForFailure(failure, database.DatabaseNamespace.DatabaseName, database.Client.Settings, database.Client.Cluster.Description);

    /// <summary>
    /// Returns how to change the connection string, given a server's reply to <c>hello</c>; null when it is correct.
    /// </summary>
    public static string? ForServer(BsonDocument hello, MongoClientSettings settings)
    {
        var members = hello.GetValue("hosts", new BsonArray()).AsBsonArray;
        return settings.DirectConnection == true && members.Count > 1
            ? $"directConnection=true uses one member of the replica set {hello["setName"]} only, "
                + "even after another member becomes primary. "
                + $"Name the members instead: mongodb://{string.Join(',', members)}/?replicaSet={hello["setName"]}."
            : null;
    }

    private static string? ForFailure(Exception failure, string database, MongoClientSettings settings, ClusterDescription cluster)
    {
        if (EnumerateExceptionChain(failure).Any(cause => cause is MongoAuthenticationException))
        {
            return settings.Credential is { } credential && credential.Source == database && database != "admin"
                ? $"The user is looked up in the database '{database}', which the connection string names. "
                    + "Most users are in 'admin': add authSource=admin."
                : null;
        }

        return failure is TimeoutException ? ForUntrustedServer(cluster) ?? ForUnreachableServers(settings, cluster) : null;
    }

    private static string? ForUntrustedServer(ClusterDescription cluster)
    {
        foreach (var server in cluster.Servers)
        {
            if (EnumerateExceptionChain(server.HeartbeatException).OfType<AuthenticationException>().FirstOrDefault() is { } tlsError)
            {
                return $"TLS with {FormatEndPoint(server.EndPoint)} failed: {tlsError.Message.TrimEnd('.')}. "
                    + "Its certificate must be valid for that name. "
                    + "Name the authority that issued it in MongoDb:CaFile or tlsCAFile, unless the system trusts it.";
            }
        }

        return null;
    }

    private static string? ForUnreachableServers(MongoClientSettings settings, ClusterDescription cluster)
    {
        if (settings.Scheme != ConnectionStringScheme.MongoDB)
        {
            return null; // DNS provides the server names
        }

        if (settings.ReplicaSetName is { } set && cluster.Servers.Count == 0)
        {
            return $"No server that the connection string names is a member of the replica set '{set}' (replicaSet={set}).";
        }

        var named = settings.Servers.Select(server => $"{server.Host}:{server.Port}").ToHashSet(StringComparer.OrdinalIgnoreCase);
        var announced = cluster.Servers
            .Where(server => server.State == ServerState.Disconnected && !named.Contains(FormatEndPoint(server.EndPoint)))
            .Select(server => FormatEndPoint(server.EndPoint))
            .ToList();
        return announced.Count == 0
            ? null
            : $"The replica set announces the members {string.Join(", ", announced)}, which cannot be reached from here. "
                + "Its members must have names that this machine resolves. For a set of one member, add directConnection=true.";
    }

    private static string FormatEndPoint(EndPoint endPoint) =>
        endPoint is DnsEndPoint name ? $"{name.Host}:{name.Port}" : endPoint.ToString()!;

    private static IEnumerable<Exception> EnumerateExceptionChain(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            yield return exception;
        }
    }
}
