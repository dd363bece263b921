using System.Net;
using System.Security.Authentication;
using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Clusters;
using MongoDB.Driver.Core.Configuration;
using MongoDB.Driver.Core.Servers;

namespace Runs.Store.Mongo;

/// <summary>What is likely wrong with a connection string, judging by what the servers answered.</summary>
internal static class MongoConnectionAdvice
{
    /// <summary>How to change the connection string so that failed calls may succeed; null when nothing is known to be wrong with it.</summary>
    /// <param name="failure">What the driver threw.</param>
    /// <param name="database">The database that the connection string names.</param>
    public static string? ForFailure(Exception failure, IMongoDatabase database) =>
        ForFailure(failure, database.DatabaseNamespace.DatabaseName, database.Client.Settings, database.Client.Cluster.Description);

    /// <summary>How to change the connection string, judging by a server's answer to <c>hello</c>; null when it is right.</summary>
    public static string? ForServer(BsonDocument hello, MongoClientSettings settings)
    {
        var members = hello.GetValue("hosts", new BsonArray()).AsBsonArray;
        return settings.DirectConnection == true && members.Count > 1
            ? $"directConnection=true keeps to one member of the replica set {hello["setName"]}, and does not follow when another one becomes "
                + $"primary. Name the members instead: mongodb://{string.Join(',', members)}/?replicaSet={hello["setName"]}."
            : null;
    }

    private static string? ForFailure(Exception failure, string database, MongoClientSettings settings, ClusterDescription cluster)
    {
        if (Causes(failure).Any(cause => cause is MongoAuthenticationException))
        {
            return settings.Credential is { } credential && credential.Source == database && database != "admin"
                ? $"The user is looked up in the database '{database}', which the connection string names. Most users are in 'admin': "
                    + "add authSource=admin."
                : null;
        }

        return failure is TimeoutException ? ForUntrustedServer(cluster) ?? ForUnreachableServers(settings, cluster) : null;
    }

    private static string? ForUntrustedServer(ClusterDescription cluster)
    {
        foreach (var server in cluster.Servers)
        {
            if (Causes(server.HeartbeatException).OfType<AuthenticationException>().FirstOrDefault() is { } refusal)
            {
                return $"TLS with {NameOf(server.EndPoint)} failed: {refusal.Message.TrimEnd('.')}. Its certificate must be valid for that name. "
                    + "Name the authority that issued it in MongoDb:CaFile or tlsCAFile, unless the system trusts it.";
            }
        }

        return null;
    }

    private static string? ForUnreachableServers(MongoClientSettings settings, ClusterDescription cluster)
    {
        if (settings.Scheme != ConnectionStringScheme.MongoDB)
        {
            return null; // the DNS names the servers
        }

        if (settings.ReplicaSetName is { } set && cluster.Servers.Count == 0)
        {
            return $"No server that the connection string names is a member of the replica set '{set}' (replicaSet={set}).";
        }

        var named = settings.Servers.Select(server => $"{server.Host}:{server.Port}").ToHashSet(StringComparer.OrdinalIgnoreCase);
        var announced = cluster.Servers
            .Where(server => server.State == ServerState.Disconnected && !named.Contains(NameOf(server.EndPoint)))
            .Select(server => NameOf(server.EndPoint))
            .ToList();
        return announced.Count == 0
            ? null
            : $"The replica set announces the members {string.Join(", ", announced)}, which cannot be reached from here. "
                + "Its members must have names that this machine resolves. For a set of one member, add directConnection=true.";
    }

    private static string NameOf(EndPoint endPoint) => endPoint is DnsEndPoint name ? $"{name.Host}:{name.Port}" : endPoint.ToString()!;

    private static IEnumerable<Exception> Causes(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            yield return exception;
        }
    }
}
