using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.Security;

/// <summary>
/// Refuses what a page elsewhere has a browser send: it could not read the answer, but have this server compute. Programs are not browsers,
/// and pass.
/// </summary>
internal static class OriginCheck
{
    /// <summary>Refuses with 403 what comes from a page elsewhere. A link there to what is open to everybody works.</summary>
    /// <param name="app">The pipeline, in which endpoints are chosen and keys are checked.</param>
    /// <param name="host">What the server listens on.</param>
    /// <param name="hasKeys">
    /// Whether what computes asks for an API key, which no page elsewhere knows, before it comes here: then nothing is refused.
    /// </param>
    public static void Use(IApplicationBuilder app, string host, bool hasKeys) => app.Use((context, next) =>
        hasKeys || IsLink(context) || !IsFromElsewhere(context.Request, host)
            ? next(context)
            : throw new BadHttpRequestException(
                "A page of another site, or of another port, may not ask this server.", StatusCodes.Status403Forbidden));

    private static bool IsLink(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) && context.Request.Headers["Sec-Fetch-Mode"].ToString() == "navigate"
            && context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    // Browsers before 2023, and those that load a page without TLS from another computer, say no site, but an origin.
    private static bool IsFromElsewhere(HttpRequest request, string host)
    {
        string site = request.Headers["Sec-Fetch-Site"].ToString();
        string origin = request.Headers.Origin.ToString();
        return site.Length > 0 ? site is "cross-site" or "same-site" : origin.Length > 0 && !IsOwn(origin, request, host);
    }

    // Behind a proxy the browser's host may be another than that of the request. No page elsewhere can set the header that tells of it.
    private static bool IsOwn(string origin, HttpRequest request, string host)
    {
        if (!Uri.TryCreate(origin, UriKind.Absolute, out Uri? from) || from.Host.Length == 0)
        {
            return false;
        }

        string named = from.Host.Trim('[', ']');

        // Each proxy on the way adds its own behind the first.
        string asked = request.Headers["X-Forwarded-Host"].ToString().Split(',')[0].Trim();
        string forwarded = new HostString(asked).Host.Trim('[', ']');
        return HostCheck.IsOwn(named, host) || IsSame(named, request.Host.Host.Trim('[', ']')) || IsSame(named, forwarded);
    }

    private static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
