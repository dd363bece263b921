using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using Runs.FaultInjection.Faults;

namespace Runs.FaultInjection.Reporting;

/// <summary>A fault, from its beginning until everything that it took away was there again.</summary>
internal sealed record FaultRecord(string Fault, string Target, double Start, double End);
