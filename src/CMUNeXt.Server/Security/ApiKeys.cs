using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.Security;

/// <summary>
/// Asks for an API key, and compares it in constant time. What is mapped with AllowAnonymous is open: the page's own files, the health.
/// </summary>
internal static class ApiKeys
{
    /// <summary>Refuses with 401 what shows none of the keys; without keys nothing is asked for.</summary>
    public static void Use(IApplicationBuilder app, IReadOnlyList<string> keys)
    {
        byte[][] digests = [.. keys.Select(static key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];
        app.Use((context, next) =>
            digests.Length == 0 || context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null
                || IsKnown(context.Request, digests)
                ? next(context)
                : throw new BadHttpRequestException(
                    "An API key is needed: send it as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'.",
                    StatusCodes.Status401Unauthorized));
    }

    private static bool IsKnown(HttpRequest request, byte[][] digests)
    {
        string authorization = request.Headers.Authorization.ToString();
        string given = authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? authorization["Bearer ".Length..].Trim()
            : request.Headers["X-API-Key"].ToString();
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(given));

        // Every key is compared, whichever is the right one.
        bool known = false;
        foreach (byte[] candidate in digests)
        {
            known |= CryptographicOperations.FixedTimeEquals(candidate, digest);
        }

        return known;
    }
}
