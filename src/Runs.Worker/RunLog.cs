using System.Text.Json;
using System.Text.Json.Nodes;
using Runs.Client.Http;

namespace Runs.Worker;

/// <summary>
/// Writes to the log of a run, in the order of the calls. Events are sent in batches: 24 events, or what there is after
/// 250 ms. When 1,000 events wait to be sent, the calls wait, too. Thread-safe. After an append has failed, every call
/// throws its exception.
/// </summary>
public sealed class RunLog
{
    // The server stores events of less than 256 KB; a character has up to 6 bytes in JSON.
    private const int MaxTextLength = 32 * 1024;

    private readonly EventSender _sender;
    private readonly string _messageId;
    private readonly SemaphoreSlim _order = new(1);
    private int _messages;
    private string? _open;
    private string _openId = "";

    internal RunLog(EventSender sender, string messageId)
    {
        _sender = sender;
        _messageId = messageId;
    }

    /// <summary>Appends text of the assistant's message. Consecutive calls continue the message.</summary>
    public Task Text(string delta, CancellationToken cancellationToken) => Append("TEXT_MESSAGE", delta, cancellationToken);

    /// <summary>Appends reasoning, which precedes or interrupts the message.</summary>
    public Task Reasoning(string delta, CancellationToken cancellationToken) => Append("REASONING_MESSAGE", delta, cancellationToken);

    /// <summary>Appends a tool call with its arguments.</summary>
    /// <param name="callId">The tool call, unique in the run.</param>
    /// <param name="name">The tool's name.</param>
    /// <param name="arguments">A value that becomes JSON with camelCase members, or null for none.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task ToolCall(string callId, string name, object? arguments, CancellationToken cancellationToken)
    {
        var events = new List<JsonObject> { new() { ["type"] = "TOOL_CALL_START", ["toolCallId"] = callId, ["toolCallName"] = name } };
        if (arguments is not null)
        {
            var json = ApiJson.ToRawJson(arguments).Text;
            events.Add(new() { ["type"] = "TOOL_CALL_ARGS", ["toolCallId"] = callId, ["delta"] = json });
        }

        events.Add(new() { ["type"] = "TOOL_CALL_END", ["toolCallId"] = callId });
        return Add(events, closesMessage: true, cancellationToken);
    }

    /// <summary>Appends an event of the application.</summary>
    /// <param name="name">The name of the event.</param>
    /// <param name="value">A value that becomes JSON with camelCase members, or null.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task Custom(string name, object? value, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToNode(value, value?.GetType() ?? typeof(object), ApiJson.Values);
        return Add([new() { ["type"] = "CUSTOM", ["name"] = name, ["value"] = json }], closesMessage: false, cancellationToken);
    }

    /// <summary>Waits until the server has stored what was appended before.</summary>
    public Task Flush(CancellationToken cancellationToken) => _sender.Flush(cancellationToken);

    /// <summary>Ends the open message, and flushes.</summary>
    internal async Task Complete(CancellationToken cancellationToken)
    {
        await Add([], closesMessage: true, cancellationToken);
        await Flush(cancellationToken);
    }

    private async Task Append(string kind, string delta, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delta);
        await _order.WaitAsync(cancellationToken);
        try
        {
            if (_open != kind)
            {
                await Close(cancellationToken);
                _open = kind;
                _openId = _messages++ == 0 ? _messageId : $"{_messageId}.{_messages}";
                await _sender.Add(
                    new() { ["type"] = $"{kind}_START", ["messageId"] = _openId, ["role"] = "assistant" }, cancellationToken);
            }

            foreach (var part in delta.Chunk(MaxTextLength))
            {
                await _sender.Add(
                    new() { ["type"] = $"{kind}_CONTENT", ["messageId"] = _openId, ["delta"] = new string(part) }, cancellationToken);
            }
        }
        finally
        {
            _order.Release();
        }
    }

    private async Task Add(List<JsonObject> events, bool closesMessage, CancellationToken cancellationToken)
    {
        await _order.WaitAsync(cancellationToken);
        try
        {
            if (closesMessage)
            {
                await Close(cancellationToken);
            }

            foreach (var item in events)
            {
                await _sender.Add(item, cancellationToken);
            }
        }
        finally
        {
            _order.Release();
        }
    }

    private async Task Close(CancellationToken cancellationToken)
    {
        if (_open is { } kind)
        {
            _open = null;
            await _sender.Add(new() { ["type"] = $"{kind}_END", ["messageId"] = _openId }, cancellationToken);
        }
    }
}
