using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.Security;

/// <summary>
/// Refuses requests whose <c>Host</c> is not this server's: a page elsewhere could otherwise point its own name at the loopback address and
/// read answers (DNS rebinding).
/// </summary>
internal static class HostCheck
{
    /// <summary>Refuses with 421 what names another host.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="host">What the server listens on.</param>
    /// <param name="advice">What to do to reach it by other names; empty for nothing.</param>
    public static void Use(IApplicationBuilder app, string host, string advice = "") => app.Use((context, next) =>
    {
        string named = context.Request.Host.Host.Trim('[', ']');
        if (IsOwn(named, host))
        {
            return next(context);
        }

        return Results.Problem(
            $"This server is asked as {(IsLoopback(host) ? "localhost" : host)}{advice}.",
            statusCode: StatusCodes.Status421MisdirectedRequest).ExecuteAsync(context);
    });

    /// <summary>Whether an address or name is this machine's loopback.</summary>
    public static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>Whether a name is this server's. Whoever listens on all addresses is asked by any; the API key then guards it.</summary>
    /// <param name="named">The name or address, without brackets.</param>
    /// <param name="host">What the server listens on.</param>
    public static bool IsOwn(string named, string host) =>
        IsLoopback(host)
            ? IsLoopback(named)
            : IPAddress.TryParse(host, out IPAddress? address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            || string.Equals(named, host, StringComparison.OrdinalIgnoreCase);
}
