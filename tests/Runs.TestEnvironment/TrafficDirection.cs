namespace Runs.TestEnvironment;

/// <summary>The direction of traffic through a <see cref="TcpProxy"/>.</summary>
public enum TrafficDirection
{
    ToTarget,
    ToClient,
}
