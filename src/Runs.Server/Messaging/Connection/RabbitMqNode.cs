namespace Runs.Server.Messaging;

/// <summary>One node of the broker's cluster.</summary>
internal readonly record struct RabbitMqNode(string Host, int Port);
