using System.Net;
using System.Net.Sockets;
using Runs.DocumentDbGateway;

const int Port = 27017;

await using var engine = new Engine("Host=/var/run/postgresql;Username=postgres;Database=postgres");
await engine.Warm();

var commands = new Commands(engine);
using var listener = new TcpListener(IPAddress.Any, Port);
listener.Start(backlog: 512);
Console.Out.WriteLine($"Gateway listening on {Port}");

while (true)
{
    var client = new ClientConnection(await listener.AcceptSocketAsync(), commands);
    _ = client.Serve();
}
