using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.Security;

/// <summary>
/// Headers that keep the page to itself: nothing is loaded from elsewhere, nothing frames it, no name leaks, no cache keeps an answer.
/// </summary>
internal static class SecurityHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Adds the headers to every answer.</summary>
    public static void Use(IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        // At the end: an answer that tells of a failure begins with headers cleared.
        context.Response.OnStarting(
            static response =>
            {
                IHeaderDictionary headers = ((HttpResponse)response).Headers;
                headers.ContentSecurityPolicy = Policy;
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "no-referrer";
                headers["Cross-Origin-Resource-Policy"] = "same-origin";
                if (headers.CacheControl.Count == 0)
                {
                    // But for the page's own files, which say otherwise, an answer may name a patient.
                    headers.CacheControl = "no-store";
                }

                return Task.CompletedTask;
            },
            context.Response);
        return next(context);
    });
}
