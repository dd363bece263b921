namespace Runs.Server.Configuration;

/// <summary>An invalid setting prevents the start of the server. The message names the setting.</summary>
internal sealed class InvalidSettingException(string message, Exception? cause = null) : Exception(message, cause);
