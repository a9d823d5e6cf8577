using System.Diagnostics;

namespace CMUNeXt.Serving;

/// <summary>Under load the server is killed and started again, and then stopped as it should be: which requests are lost.</summary>
internal static class Restart
{
    private const int Clients = 6;

    public static async Task<bool> Measure(ServerSettings settings, Case[] cases, TimeSpan time)
    {
        ServerProcess server = await ServerProcess.Start(settings);
        int port = server.Address.Port;
        Load load = new(() => server, cases);
        await Task.Delay(time / 4);
        await server.Kill();
        int inFlight = load.InFlight;
        server = await ServerProcess.Start(settings, port);
        await Task.Delay(time / 4);
        int lostByKill = load.Lost;
        Console.WriteLine(
            $"killed with {inFlight} requests in flight: {lostByKill} lost, "
            + $"{load.Refused} could not connect and came again; {load.Answered} answered, {load.Wrong} wrong");

        load.IsStopping = true;
        int status = await server.Stop();
        await load.End();
        Console.WriteLine(
            $"stopped with exit status {status}: {load.Lost - lostByKill} lost; {load.Answered} answered, {load.Wrong} wrong");
        server.Dispose();
        return load.Lost - lostByKill == 0 && lostByKill <= Clients && load.Wrong == 0;
    }

    private sealed class Load
    {
        private readonly Task[] clients;
        private int inFlight;
        private int lost;
        private int refused;
        private int answered;
        private int wrong;

        public Load(Func<ServerProcess> server, Case[] cases) =>
            clients = [.. Enumerable.Range(0, Clients).Select(i => Task.Run(() => Send(server, cases, i)))];

        public int InFlight => inFlight;

        public int Lost => lost;

        public int Refused => refused;

        public int Answered => answered;

        public int Wrong => wrong;

        public bool IsStopping { get; set; }

        public Task End() => Task.WhenAll(clients);

        // A connection of its own for each request: what cannot connect was never taken, and so is not lost.
        private async Task Send(Func<ServerProcess> server, Case[] cases, int number)
        {
            for (int i = number; ; i++)
            {
                Case one = cases[i % cases.Length];
                bool isConnected = false;
                using SocketsHttpHandler handler = new()
                {
                    ConnectCallback = async (context, stop) =>
                    {
                        System.Net.Sockets.Socket socket = new(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                        await socket.ConnectAsync(context.DnsEndPoint, stop);
                        isConnected = true;
                        return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
                    },
                };
                using HttpClient client = new(handler) { BaseAddress = server().Address };
                Interlocked.Increment(ref inFlight);
                try
                {
                    using HttpRequestMessage request = new(HttpMethod.Post, "/api/v1/segment");
                    request.Content = new ByteArrayContent(one.Image);
                    request.Headers.Accept.ParseAdd("image/png");
                    using HttpResponseMessage response = await client.SendAsync(request);
                    byte[] body = await response.Content.ReadAsByteArrayAsync();
                    Interlocked.Increment(ref answered);
                    wrong += response.IsSuccessStatusCode && body.AsSpan().SequenceEqual(one.Mask) ? 0 : 1;
                }
                catch (HttpRequestException)
                {
                    Interlocked.Increment(ref isConnected ? ref lost : ref refused);
                    if (IsStopping)
                    {
                        return;
                    }

                    await Task.Delay(20);
                }
                finally
                {
                    Interlocked.Decrement(ref inFlight);
                }
            }
        }
    }
}
